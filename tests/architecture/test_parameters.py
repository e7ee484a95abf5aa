"""Does every number of the model say its unit, prior, source and status?"""

from __future__ import annotations

import ast
import math

import equinox as eqx
import numpy as np
import pytest

import resynapse
from architecture.source_tree import LINKS, PACKAGE, parsed, shown
from architecture.units import unit
from resynapse.evidence.source import assumption
from resynapse.parameter import Normal, Scalar, draw, entries, parameter

STATUSES = {"measured", "derived", "assumed"}
SOURCE = assumption("To be drawn in a test, and nowhere else")


@pytest.fixture(scope="module")
def numbers():
    return list(entries(resynapse.Patient()))


def test_the_model_has_numbers_and_no_two_share_a_name(numbers):
    paths = [entry.path for entry in numbers]

    assert len(paths) > 100
    assert len(set(paths)) == len(paths)


def test_who_is_declared_late_is_drawn_last_and_moves_no_draw_of_another():
    class Before(eqx.Module):
        first: Scalar = parameter(Normal(0.0, 1.0), "1", SOURCE)
        second: Scalar = parameter(Normal(0.0, 1.0), "1", SOURCE)

    class Now(eqx.Module):
        first: Scalar = parameter(Normal(0.0, 1.0), "1", SOURCE)
        added: Scalar = parameter(Normal(0.0, 1.0), "1", SOURCE, late=True)
        second: Scalar = parameter(Normal(0.0, 1.0), "1", SOURCE)

    uniforms = np.array([0.2, 0.7, 0.9])
    before, now = draw(Before(), uniforms[:2]), draw(Now(), uniforms)

    assert (now.first, now.second) == (before.first, before.second)
    assert now.added == Normal(0.0, 1.0).quantile(0.9)


def test_every_number_has_a_unit_that_can_be_read(numbers):
    for entry in numbers:
        assert unit(entry.declared.unit) is not None, entry.path


def test_every_number_has_a_finite_default_within_its_prior(numbers):
    outside = []
    for entry in numbers:
        spread = getattr(entry.declared.prior, "slab", entry.declared.prior)
        low, high = spread.quantile(0.0005), spread.quantile(0.9995)
        if not (math.isfinite(entry.value) and min(0.0, low) <= entry.value <= high):
            outside.append((entry.path, entry.value, low, high))

    assert not outside


def test_every_number_names_its_source_or_its_reason(numbers):
    silent = [e.path for e in numbers if len(str(e.declared.source).strip()) < 10]

    assert not silent


def test_every_number_is_measured_derived_or_assumed(numbers):
    assert {entry.declared.status for entry in numbers} <= STATUSES


def test_what_was_only_recalled_counts_as_assumed(numbers):
    overrated = [
        entry.path
        for entry in numbers
        if entry.declared.source.seen == "unread" and entry.declared.status != "assumed"
    ]

    assert not overrated


def test_a_field_of_a_link_with_a_default_is_a_declared_parameter():
    bare = [
        f"{shown(file)} line {node.lineno}"
        for link in LINKS
        for file in (PACKAGE / link).rglob("*.py")
        for owner in ast.walk(parsed(file))
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.AnnAssign) and _is_bare_number(node)
    ]

    assert not bare


def _is_bare_number(node: ast.AnnAssign) -> bool:
    """Whether a field gets its default from a number, other than none of it, without source."""
    return node.value is not None and any(
        isinstance(value, ast.Constant) and value.value and isinstance(value.value, float)
        for value in [node.value, *getattr(node.value, "elts", [])]
    )
