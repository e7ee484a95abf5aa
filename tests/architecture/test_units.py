"""Do units fit together in every formula of every link?"""

from __future__ import annotations

import importlib
import inspect

import equinox as eqx
import jax
import pytest

from architecture.links import ROWS, every
from architecture.source_tree import LINKS, PACKAGE, package_files
from architecture.units import result_units
from resynapse.parameter import entries
from resynapse.pharmacology.covariates import CovariateEffects, Deviation, individual
from resynapse.pharmacology.ketamine import s_ketamine
from resynapse.pharmacology.route import MolarMass, split

PUTTING_TOGETHER = {"Ketamine.s_ketamine", "Ketamine.r_ketamine"}
"""Methods that return a model and no quantity."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join((row.name, *row.fixed)))
def test_a_formula_turns_the_units_of_its_arguments_into_the_unit_it_states(row):
    method = getattr(type(row.link), row.method)

    def formula(link, *given):
        places = len(given) - len(row.names)
        named = dict(zip(row.names, given[places:], strict=True))
        return method(link, *row.fixed, *given[:places], **named)

    found = result_units(formula, row.link, *row.arguments)

    assert jax.tree.structure(found) == jax.tree.structure(row.result)
    for place, (is_unit, stated) in enumerate(
        zip(jax.tree.leaves(found), jax.tree.leaves(row.result), strict=True)
    ):
        assert is_unit == stated, f"result {place} is in {is_unit}, not in {stated}"


def test_every_formula_of_every_link_is_in_the_table():
    listed = {row.name for row in ROWS}

    assert set(_formulas()) - PUTTING_TOGETHER - listed == set()


def test_one_persons_body_has_the_units_of_the_typical_one():
    typical = s_ketamine()

    def person(disposition, effects, deviation, weight_kg, age_years, female):
        known = {"weight_kg": weight_kg, "age_years": age_years, "female": female}
        return individual(disposition, deviation=deviation, effects=effects, **known)

    found = result_units(person, typical, CovariateEffects(), every(Deviation, "1"), "kg", "y", "1")

    stated = [entry.declared.unit for entry in entries(typical)]
    assert jax.tree.leaves(found) == stated


@pytest.mark.parametrize("drug", ["ketamine", "esketamine", "arketamine"])
def test_a_dose_in_mg_becomes_umol_of_each_enantiomer(drug):
    found = result_units(lambda mass, mg: split(drug, mg, mass), MolarMass(), "mg")

    assert (found.s, found.r) == ("umol", "umol")


def _formulas():
    """Class.method of every public method that a link defines."""
    for file in package_files():
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] in LINKS and parts[-1] != "__init__":
            module = importlib.import_module(".".join(("resynapse", *parts)))
            for owner in filter(inspect.isclass, vars(module).values()):
                if issubclass(owner, eqx.Module) and owner.__module__ == module.__name__:
                    yield from (f"{owner.__name__}.{name}" for name in _methods(owner))


def _methods(owner):
    for name, member in vars(owner).items():
        if inspect.isfunction(member) and not name.startswith("_"):
            yield name
