"""Does the unit check itself catch wrong formulas, and pass right ones?"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from architecture.units import UnitsDiffer, result_units, unit
from resynapse.evidence.source import assumption
from resynapse.parameter import Fixed, Scalar, parameter

EXAMPLE = assumption("an example for this test")


class Disposition(eqx.Module):
    """C = A / V mg/L; elimination = CL C mg/h."""

    volume: Scalar = parameter(Fixed(80.0), "L", EXAMPLE)
    clearance: Scalar = parameter(Fixed(60.0), "L/h", EXAMPLE)

    def elimination(self, amount: Scalar) -> Scalar:
        return self.clearance * (amount / self.volume)

    def wrong_elimination(self, amount: Scalar) -> Scalar:
        return self.clearance * amount - amount / self.volume


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("mg/L", "L^-1 mg"),
        ("L/(umol d)", "L/umol/d"),
        ("1/d", "d^-1"),
        ("m^2", "m m"),
        ("half-effect dose", "1"),
        ("L/h/kg^0.75", "L/(h kg^0.75)"),
    ],
)
def test_a_unit_is_the_same_however_it_is_written(written, same):
    assert unit(written) == unit(same)


def test_hours_are_not_days_and_milligrams_are_not_grams():
    assert unit("h") != unit("d")
    assert unit("mg") != unit("g")
    assert unit("ng/mL") == unit("ug/L")


def test_a_conversion_changes_the_unit_and_not_the_quantity():
    assert result_units(lambda days: 24.0 * days, "d") == "h"
    assert result_units(lambda hours: hours / 24.0, "h") == "d"
    assert result_units(lambda level: 1000.0 * level, "mg/L") == "ng/mL"
    assert result_units(lambda dose, mass: 1000.0 * dose / mass, "mg", "mg/mmol") == "umol"


def test_a_forgotten_conversion_is_caught():
    with pytest.raises(UnitsDiffer):
        result_units(lambda hours, days: jnp.exp(-hours / days), "h", "d")
    with pytest.raises(UnitsDiffer):
        result_units(lambda level, half: level / (level + half), "mg/L", "ng/mL")


@pytest.mark.parametrize("nonsense", ["", "mg//", "3 mg", "mg/L)", "mg @ L"])
def test_what_is_no_unit_is_refused(nonsense):
    with pytest.raises(ValueError, match="not a unit"):
        unit(nonsense)


def test_a_right_formula_has_the_unit_that_it_states():
    disposition = Disposition()

    found = result_units(Disposition.elimination, disposition, "mg")

    assert found == "mg/h"
    assert found != "mg/d"


def test_a_formula_that_adds_unlike_units_is_caught_with_its_line():
    with pytest.raises(UnitsDiffer, match=r"sub of .*: test_units_interpreter.py line \d+"):
        result_units(Disposition.wrong_elimination, Disposition(), "mg")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda concentration, time: jnp.exp(concentration),
        lambda concentration, time: jnp.log(concentration),
        lambda concentration, time: concentration**0.7,
        lambda concentration, time: jnp.tanh(time),
        lambda concentration, time: jax.nn.sigmoid(time),
        lambda concentration, time: jax.nn.softplus(time),
        lambda concentration, time: jnp.maximum(concentration, time),
        lambda concentration, time: jnp.where(time > 0.0, time, 1.0),
        lambda concentration, time: jnp.where(concentration > time, 1.0, 0.0),
        lambda concentration, time: concentration + 1.0,
        lambda concentration, time: jnp.clip(concentration, 0.0, 1.0),
    ],
)
def test_an_operation_that_its_units_forbid_is_caught(wrong):
    with pytest.raises(UnitsDiffer):
        result_units(wrong, "mg/L", "h")


def test_the_same_operations_pass_on_ratios():
    def formula(concentration, half):
        ratio = concentration / half
        return jnp.where(ratio > 0.0, jnp.exp(jnp.log1p(ratio) * 0.7), 0.0) + ratio**0.7

    assert result_units(formula, "mg/L", "mg/L") == "1"


def test_roots_and_whole_powers_take_their_unit_along():
    assert result_units(lambda area: jnp.sqrt(area), "m^2") == "m"
    assert result_units(lambda length: length**3 / length, "m") == "m^2"


def test_nothing_is_nothing_in_every_unit():
    assert result_units(lambda dose: jnp.maximum(dose, 0.0), "mg") == "mg"
    assert result_units(lambda dose: 0.0 * dose, "mg") == "h"


def test_an_operation_without_a_rule_is_refused_by_name():
    with pytest.raises(UnitsDiffer, match="cumsum"):
        result_units(lambda x: jax.lax.cumsum(x[None])[0], "mg")
