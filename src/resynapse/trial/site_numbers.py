"""Which numbers of the model does the site of a protocol have for itself?

They stand in the place of the general ones wherever that protocol's people are sent through its
arms, whatever parameters a run has. In a draw they may be others than in the file (``site_draws``).
"""

from __future__ import annotations

from collections.abc import Collection

from resynapse.input_error import InputError
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import Protocol

FIELDS = {
    "uncommitted_use_per_day": "lapse.uncommitted",
    "bout_end_per_day": "stop.baseline",
    "methadone_stay_scale_days": "medication_stop.methadone_scale",
    "buprenorphine_stay_scale_days": "medication_stop.buprenorphine_scale",
}
"""field of ``setting.site`` -> parameter"""


def site_numbers(protocol: Protocol) -> dict[str, float]:
    """Path -> the site's own value; empty where a site has none, as most."""
    site = protocol.setting.site
    found = {path: getattr(site, name) for name, path in FIELDS.items()}
    return {path: value for path, value in found.items() if value is not None}


def at_site(protocol: Protocol, patient: Patient) -> Patient:
    """The patient with the site's own numbers."""
    own = site_numbers(protocol)
    return replace(patient, own) if own else patient


def ensure_general(protocol: Protocol, asked: Collection[str]) -> None:
    """Refuse to move what the site has for itself: it would do nothing."""
    own = site_numbers(protocol)
    for name, path in FIELDS.items():
        if path in own and path in asked:
            raise InputError(
                f"{path} cannot be set: in {protocol.name} the people of its site have their own,"
                f" {own[path]:g} {_unit(name)}, so nothing would move. Change setting.site.{name}"
                f" in a copy of the protocol (resynapse protocols show {protocol.name}), or take it"
                " out of there to use the general value."
            )


def _unit(name: str) -> str:
    """In words, as a field's name ends."""
    return "per day" if name.endswith("_per_day") else "days"
