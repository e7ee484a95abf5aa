"""How did modelled concentrations compare with held-out ones when the package was made?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib import resources

from resynapse.inference.kinetics.comparison import Row

STORED = "stored.json"


def stored() -> tuple[Row, ...]:
    """Values that test the model, as they ship; nothing is computed."""
    text = resources.files(__package__).joinpath(STORED).read_text("utf-8")
    return tuple(Row(**one) for one in json.loads(text)["values"])


def as_stored(rows: Iterable[Row]) -> str:
    """The file of ``stored``: what was held out and is judged, of `resynapse kinetics`."""
    kept = [asdict(row) for row in rows if row.tests]
    command = "python docs/build_kinetics_page.py"
    return json.dumps({"command": command, "values": kept}, indent=1, allow_nan=False) + "\n"
