"""Does a page of stored results hold for the model that stands beside it?"""

from __future__ import annotations

from resynapse.trial.model_hash import model_hash

WARNING = "are of an earlier model"
"""stands at the top of every page whose results were stored before the model changed"""
SHORT = 12
"""letters of a hash that are printed"""


def of_an_earlier_model(
    stored: str, again: str, which: str = "These numbers", also: str = ""
) -> str:
    """A paragraph for the top of a page, with a blank line after it; "" if the model is the same.

    ``stored`` is the hash of the model that ``which`` were simulated with, or its beginning;
    ``again`` the command that simulates them again; ``also`` what is known to be wrong in them.
    """
    now = model_hash()
    if now.startswith(stored):
        return ""
    known = f" {also}" if also else ""
    return (
        f"**{which} {WARNING}** ({stored[:SHORT]}; the present one is {now[:SHORT]}) and were not"
        " simulated again. What changed in the model, and what that moves, stands in CHANGELOG.md"
        f" under Results change; `{again}` simulates them again.{known}\n\n"
    )
