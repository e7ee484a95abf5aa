"""Which contested mechanisms does a protocol turn on or off?"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic import WithJsonSchema as Shown

from resynapse.protocol.fields import AbstractRecord

STATES = {"on": True, "off": False}


def _state(given: Any) -> Any:
    if isinstance(given, bool):
        return given
    if given in STATES:
        return STATES[given]
    raise ValueError(f"{given!r} is neither on nor off. Write on or off.")


OnOff = Annotated[
    bool,
    BeforeValidator(_state),
    Shown({"anyOf": [{"enum": ["on", "off"]}, {"type": "boolean"}]}),
    Field(strict=True),
]


class Switches(AbstractRecord):
    """Contested mechanisms; those that are left out stay as they are by default.

    `resynapse parameters` and docs/model.md say what each asks and what speaks for its default.
    """

    window_gain: OnOff | None = None
    refractoriness: OnOff | None = None
    reconsolidation: OnOff | None = None
    direct_trigger_only: OnOff | None = None
    naltrexone_interaction: OnOff | None = None
    norketamine: OnOff | None = None
    cyp2b6: OnOff | None = None
    self_maintenance: OnOff | None = None
    experience: OnOff | None = None
    sustained_control: OnOff | None = None
    cue_craving: OnOff | None = None
    withdrawal_relief: OnOff | None = None
    expectancy: OnOff | None = None
    expectancy_only: OnOff | None = None

    @property
    def chosen(self) -> dict[str, bool]:
        """Name -> on, for those that are named."""
        return self.model_dump(exclude_none=True)
