"""Which numbers does a hypothesis set, and which of the user's own numbers are left beside it?

A rival is what its name says only if its switches win over every number that was set by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from resynapse.input_error import InputError
from resynapse.patient import SWITCHES, Patient, configured
from resynapse.patient import settings as switched
from resynapse.protocol import Protocol
from resynapse.trial.implausible import ensure_conceivable
from resynapse.trial.site_numbers import ensure_general

STATES = {True: "on", False: "off"}


@dataclass(frozen=True)
class Hypothesis:
    """Switches, and the numbers set by hand that they leave as they were set."""

    switches: dict[str, bool]
    """of the protocol, of the run, and of the rival, which win in this order"""
    settings: dict[str, float]
    """path -> value; none that the rival's switches say otherwise of"""

    @property
    def fixed(self) -> dict[str, float]:
        """Path -> value of all that is set, which draws of the parameters leave as it is."""
        return switched(self.switches) | self.settings

    def of(self, base: Patient) -> Patient:
        """The parameters under this hypothesis, beside which ``base`` has those not set."""
        return configured(base, self.switches, self.settings)


def hypothesis(
    protocol: Protocol, switches: Mapping[str, bool] | None = None,
    settings: Mapping[str, float] | None = None, rival: Mapping[str, bool] | None = None,
) -> Hypothesis:  # fmt: skip
    """What a run of this protocol asks for, under the switches of a ``rival``, which win."""
    asked, left = protocol.switches.chosen | dict(switches or {}), dict(settings or {})
    for name, on in (rival or {}).items():
        for path in _against(name, on, left):
            del left[path]
    return Hypothesis(asked | dict(rival or {}), left)


def ensure_consistent(
    protocol: Protocol, switches: Mapping[str, bool] | None, settings: Mapping[str, float] | None
) -> None:
    """Refuse numbers that a switch says otherwise of, that the site has, or that are slips."""
    ensure_general(protocol, settings or {})
    ensure_conceivable(settings)
    for name, on in (protocol.switches.chosen | dict(switches or {})).items():
        for path in _against(name, on, settings or {}) if name in SWITCHES else ():
            said = f"--switch {name}={STATES[on]}"
            if name not in (switches or {}):
                said = f"switches: {name}: {STATES[on]} in {protocol.name}"
            raise InputError(
                f"{path}={settings[path]} contradicts {said}: {_rule(name, on, path)}."
                f" Leave {path} out, or say --switch {name}={STATES[not on]}."
            )


def _against(name: str, on: bool, settings: Mapping[str, float]) -> list[str]:
    """Paths whose setting says otherwise than this switch.

    What the switch sets is set to another value; or all that its other position sets is set so.
    """
    switch = SWITCHES[name]
    own, other = (switch.when_on, switch.when_off) if on else (switch.when_off, switch.when_on)
    found = [path for path, value in own.items() if settings.get(path, value) != value]
    if other and all(settings.get(path) == value for path, value in other.items()):
        found += [path for path in other if path not in found]
    return found


def _rule(name: str, on: bool, path: str) -> str:
    """What this position of a switch does with a number, in words."""
    switch = SWITCHES[name]
    own, other = (switch.when_on, switch.when_off) if on else (switch.when_off, switch.when_on)
    if path in own:
        return f"with it {path} is {own[path]:g}"
    return f"{' and '.join(f'{p}={v:g}' for p, v in other.items())} is {name}={STATES[not on]}"
