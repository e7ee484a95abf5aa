"""What does the page show before any number: its example, and how its fields may be filled?

None of it needs the model, so both are told while it is being loaded.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from resynapse.protocol import Protocol, library
from resynapse.protocol.limits import DOSES, MEDICATIONS
from resynapse.protocol.opioids_alone import OVERDOSE, WITHDRAWAL
from resynapse.protocol.vocabulary import OPIOID_DISORDERS
from resynapse.web.opening import as_data
from resynapse.web.request import PATIENTS, PROGRAMME

SCHEMA = "library/protocol.schema.json"
"""the schema of a protocol as it comes with the library: to make it takes the model"""


def form() -> dict[str, Any]:
    """The schema of a protocol and of a request, the highest doses of the evidence, how the names
    of endpoints begin that only people who use opioids have, and the names of the library.
    """
    given = {
        f"{drug} {route}": {"value": limit.value, "unit": limit.unit, "given": str(limit)}
        for (drug, route), limit in DOSES.items()
    }
    taken = {drug: {"value": x.value, "given": str(x)} for drug, x in MEDICATIONS.items()}
    asked = {"patients": PATIENTS, "seed": PROGRAMME["seed"]}
    opioids = {"disorders": list(OPIOID_DISORDERS), "endpoints": [WITHDRAWAL, OVERDOSE]}
    return {
        "schema": _schema(), "asked": asked, "doses": given, "medications": taken,
        "opioids": opioids,
        "library": library(),
    }  # fmt: skip


def shown(protocol: Protocol, patients: int, seed: int) -> dict[str, Any]:
    """The programme on which the page opens, as the page holds it."""
    return {"protocol": as_data(protocol), "patients": patients, "seed": seed}


def _schema() -> dict[str, Any]:
    file = resources.files("resynapse.protocol").joinpath(*SCHEMA.split("/"))
    return json.loads(file.read_text(encoding="utf-8"))
