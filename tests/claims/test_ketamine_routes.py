"""How much of a dose reaches the blood by each route, and how fast?"""

from __future__ import annotations

from collections.abc import Iterator

import jax
import numpy as np
import pytest

from claims.ketamine_course import Course
from resynapse.parameter import replace
from resynapse.pharmacology.ketamine import KetamineDisposition, r_ketamine, s_ketamine
from resynapse.pharmacology.route import KetamineAbsorption, RouteError, bioavailable


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def oral_bioavailability(disposition: KetamineDisposition) -> float:
    course = Course(disposition)
    oral = course.exposure("oral", "ketamine", 50.0, 100.0)
    return oral / course.exposure("iv", "ketamine", 50.0, 100.0)


@pytest.mark.parametrize(
    ("disposition", "share"), [(s_ketamine(), 0.15), (r_ketamine(), 0.19)], ids=["S", "R"]
)
def test_of_a_swallowed_dose_the_tabled_share_reaches_the_blood(disposition, share):
    assert oral_bioavailability(disposition) == pytest.approx(share, abs=0.005)


ABSOLUTE = [
    ("im", 35.0, 0.93), ("sc", 35.0, 0.93), ("inhaled", 35.0, 0.70),
    ("sublingual", 25.0, 0.27), ("intranasal-spray", 28.0, 0.48),
    ("intranasal", 25.0, 0.46), ("intranasal", 50.0, 0.40),
]  # fmt: skip


@pytest.mark.parametrize(("route", "mg", "share"), ABSOLUTE)
def test_each_route_delivers_its_own_share_of_an_intravenous_dose(route, mg, share):
    course = Course(s_ketamine())

    found = course.exposure(route, "ketamine", mg, 100.0) / course.exposure(
        "iv", "ketamine", mg, 100.0
    )

    assert found == pytest.approx(share, abs=0.006)  # shares are known to two digits


def test_every_device_of_a_spray_after_the_first_delivers_0_62_of_it():
    first = float(bioavailable("intranasal-spray", "esketamine", 28.0).nasal) * 28.0
    three = float(bioavailable("intranasal-spray", "esketamine", 84.0).nasal) * 84.0

    assert three == pytest.approx(first * (1.0 + 2 * 0.62), rel=1e-9)


@pytest.mark.parametrize("mg", [0.1, 28.0, 60.0, 500.0])
@pytest.mark.parametrize("route", ["intranasal", "intranasal-spray"])
def test_of_what_the_mucosa_of_the_nose_does_not_take_a_part_is_swallowed_and_the_rest_lost(
    route, mg
):
    found = bioavailable(route, "ketamine", mg)
    others = KetamineAbsorption(nasal_swallowed=0.0)

    assert float(found.gut) == pytest.approx(0.84 * (1.0 - float(found.nasal)), rel=1e-6)
    assert float(bioavailable(route, "ketamine", mg, others).gut) == 0.0


@pytest.mark.parametrize("mg", [0.1, 28.0, 60.0, 500.0])
def test_a_larger_atomised_dose_goes_through_the_mucosa_by_a_smaller_share(mg):
    found, absorption = bioavailable("intranasal", "ketamine", mg), KetamineAbsorption()

    assert absorption.atomiser_first * absorption.atomiser_later < found.nasal
    assert found.nasal <= absorption.atomiser_first + 1e-12


OTHERS = ("iv", "im", "sc", "intranasal-spray", "oral", "sublingual", "inhaled")


@pytest.mark.parametrize("route", OTHERS)
def test_no_other_route_knows_of_the_atomiser(route):
    other = {"atomiser_first": 0.9, "atomiser_later": 0.1, "atomiser_portion": 5.0}

    changed = bioavailable(route, "ketamine", 60.0, replace(KetamineAbsorption(), other))

    assert vars(changed) == vars(bioavailable(route, "ketamine", 60.0))


def peak_time(route: str) -> float:
    amounts = Course(s_ketamine()).dose(route, "ketamine", 30.0, 100.0)
    times = np.arange(0.02, 4.0, 0.02)
    levels = [float(s_ketamine().arterial(amounts(t))) for t in times]
    return float(times[int(np.argmax(levels))])


def test_absorption_is_fastest_from_muscle_then_skin_then_nose():
    assert peak_time("im") < peak_time("sc") < peak_time("intranasal")


def test_swallowed_ketamine_gives_far_more_norketamine_for_each_ketamine():
    def ratio(route: str) -> float:
        course, disposition = Course(s_ketamine()), s_ketamine()
        total = course.system.total(course.start(route, "ketamine", 50.0, 100.0))
        return float(disposition.norketamine(total) / disposition.arterial(total))

    assert ratio("oral") > 3.0 * ratio("iv")


def test_a_route_that_no_one_uses_is_refused_with_the_known_ones():
    with pytest.raises(RouteError, match="intranasal-spray"):
        bioavailable("rectal", "ketamine", 50.0)
    with pytest.raises(RouteError, match="esketamine"):
        bioavailable("iv", "ketmaine", 50.0)
    with pytest.raises(RouteError, match="Lorazepam"):
        bioavailable("inhaled", "lorazepam", 2.0)


def test_a_changed_absorption_is_used():
    poor = replace(KetamineAbsorption(), {"intramuscular": 0.5})

    assert float(bioavailable("im", "ketamine", 35.0, ketamine=poor).intramuscular) == 0.5
