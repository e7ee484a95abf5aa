"""Does a prior made from chips say what the people said?"""

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from resynapse.cli.command_line import app
from resynapse.inference.elicitation import Answers, Person, believed, conflict, pooled
from resynapse.inference.elicitation.answers import parse
from resynapse.protocol.errors import ProtocolError

MANY, UNIT = 10_000, {"lower": 0.0, "upper": 1.0}
EDGES = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
TEXT = """
quantity: ln hazard ratio of relapse
edges: [-1.6, -1.2, -0.8, -0.4, 0.0, 0.4]
people:
  - {name: trialist, chips: [0, 1, 4, 10, 5]}
  - {name: therapist, chips: [2, 6, 8, 4, 0], weight: 0.5}
"""


def chips(distribution, edges):
    """As many chips as a person with this very belief would lay, tails in the end bins."""
    cdf = distribution.cdf(np.array(edges))
    cdf[0], cdf[-1] = 0.0, 1.0
    return tuple(round(MANY * (high - low)) for low, high in pairwise(cdf))


def asked(distributions, edges=EDGES, lower=None, upper=None, weights=(1.0, 1.0, 1.0)):
    people = [
        Person(name=f"p{n}", chips=chips(one, edges), weight=weights[n])
        for n, one in enumerate(distributions)
    ]
    return Answers(quantity="q", edges=edges, lower=lower, upper=upper, people=people)


@pytest.mark.parametrize(
    ("family", "distribution", "edges", "bounds"),
    [
        ("normal", stats.norm(-0.6, 0.5), EDGES, {}),
        ("t, 3 degrees of freedom", stats.t(3, -0.4, 0.3), EDGES, {}),
        ("log-normal", stats.lognorm(0.6, scale=2.0), (0, 1, 2, 3, 4, 6, 9), {"lower": 0.0}),
        ("gamma", stats.gamma(3.0, scale=1.2), (0, 1, 2, 3, 4, 6, 9), {"lower": 0.0}),
        ("beta", stats.beta(4.0, 9.0), (0, 0.1, 0.2, 0.3, 0.4, 0.6, 1), UNIT),
    ],
)  # fmt: skip
def test_chips_laid_from_a_distribution_give_it_back(family, distribution, edges, bounds):
    answers = asked([distribution], edges, **bounds)
    found = believed(answers, answers.people[0])

    assert found.family == family
    shares = (0.1, 0.5, 0.9)
    rounding = 2.0 / MANY / distribution.pdf(distribution.ppf(shares)) + 2e-3
    assert np.all(np.abs(found.distribution.ppf(shares) - distribution.ppf(shares)) < rounding)


def test_a_quantity_with_an_upper_bound_never_passes_it():
    mirrored = Answers(
        quantity="q", edges=(-9, -6, -4, -2, 0), upper=0.0,
        people=[Person(name="a", chips=(1, 4, 8, 6))],
    )  # fmt: skip
    found = believed(mirrored, mirrored.people[0]).distribution

    assert float(found.ppf(0.9999)) < 0.0 and float(found.cdf(0.0)) == pytest.approx(1.0)
    middle = float(found.ppf(0.5))
    assert float(found.cdf(middle)) == pytest.approx(0.5)
    near = (float(found.cdf(middle + 1e-5)) - float(found.cdf(middle - 1e-5))) / 2e-5
    assert float(found.pdf(middle)) == pytest.approx(near, rel=1e-6)


def test_the_pool_is_the_mixture_with_the_weights_of_the_people():
    found = pooled(asked([stats.norm(-1.0, 0.3), stats.norm(0.0, 0.3)], weights=(3.0, 1.0)))
    each = [one.distribution for one in found.beliefs]

    at = found.quantile(0.3)
    assert float(found.below(at)) == pytest.approx(0.3, abs=1e-9)
    assert float(found.below(at)) == pytest.approx(
        0.75 * each[0].cdf(at) + 0.25 * each[1].cdf(at), abs=1e-12
    )
    draws = found.draws(40_000, 1)
    assert np.mean(draws <= at) == pytest.approx(0.3, abs=3.0 * np.sqrt(0.21 / 40_000))


def test_a_published_value_is_judged_by_the_prior_predictive_tail():
    found = pooled(asked([stats.norm(-0.5, 0.4)]))
    fitted = found.beliefs[0].distribution
    seen = conflict(found, -1.4, 0.3)

    exact = 2.0 * stats.norm(fitted.mean(), np.hypot(fitted.std(), 0.3)).cdf(-1.4)
    assert seen.tail == pytest.approx(exact, abs=1e-8) and not seen.conflicts
    assert conflict(found, -2.5, 0.3).conflicts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[-1.6, -1.2", "[-1.2, -1.6"), "edges must rise"),
        (("[0, 1, 4, 10, 5]", "[0, 1, 4, 10]"), "4 bins have chips, but edges make 5"),
        (("[0, 1, 4, 10, 5]", "[0, 0, 0, 20, 1]"), "too few to tell how sure"),
        (("[0, 1, 4, 10, 5]", "[0, 1, -4, 10, 5]"), "line 5"),
        (("name: therapist", "name: trialist"), "a name stands twice"),
        (("weight: 0.5", "wieght: 0.5"), "no field has this name"),
        (("edges:", "lower: -1.0\nedges:"), "lies above the first edge"),
        (("quantity: ln hazard ratio of relapse\n", ""), "it is needed"),
    ],
)
def test_answers_that_cannot_be_are_refused_in_a_sentence(change, said):
    with pytest.raises(ProtocolError, match=said):
        parse(TEXT.replace(*change), "answers.yaml")


def test_the_command_writes_draws_that_a_design_takes_for_its_prior(tmp_path):
    (tmp_path / "answers.yaml").write_text(TEXT, encoding="utf-8")
    made, drawn = tmp_path / "prior.csv", tmp_path / "beliefs.svg"
    answer = CliRunner().invoke(
        app,
        ["elicit", str(tmp_path / "answers.yaml"), "--below", "0", "--published=-0.97,0.45",
         "--draws", str(made), "--count", "500", "--plot", str(drawn), "--json"],
    )  # fmt: skip
    told = json.loads(answer.stdout)
    design = CliRunner().invoke(
        app,
        ["design", "survival", "--hazard-ratio", "0.7", "--median-control", "3", "--accrual", "12",
         "--follow-up", "6", "--prior", str(made), "--json"],
    )  # fmt: skip

    assert 0.0 < json.loads(design.stdout)["assurance"]["assurance"] < 1.0
    assert told["pool"]["below"] == pytest.approx(0.82, abs=0.01)
    assert [one["name"] for one in told["people"]] == ["trialist", "therapist"]
    assert told["published"]["conflicts"] is False
    assert ">Pool</text>" in drawn.read_text(encoding="utf-8")


@pytest.mark.parametrize("given", ["0.4", "a,b", "0.4,0", "nan,1"])
def test_an_estimate_without_its_error_is_refused(tmp_path, given):
    (tmp_path / "answers.yaml").write_text(TEXT, encoding="utf-8")
    answer = CliRunner().invoke(
        app, ["elicit", str(tmp_path / "answers.yaml"), f"--published={given}"]
    )

    assert answer.exit_code == 2 and "estimate and its standard error" in answer.output


@pytest.mark.parametrize("place", ["nowhere/beliefs.svg", "."])
def test_a_plot_that_has_no_place_is_refused_before_draws_are_written(tmp_path, place):
    (tmp_path / "answers.yaml").write_text(TEXT, encoding="utf-8")
    made = tmp_path / "prior.csv"
    answer = CliRunner().invoke(
        app,
        ["elicit", str(tmp_path / "answers.yaml"), "--draws", str(made),
         "--plot", str(tmp_path / place)],
    )  # fmt: skip

    assert answer.exit_code == 2 and "cannot be written" in answer.output
    assert not made.exists()


def test_one_person_alone_disagrees_with_nobody(tmp_path):
    file = tmp_path / "answers.yaml"
    file.write_text("\n".join(TEXT.splitlines()[:-1]))

    answer = CliRunner().invoke(app, ["elicit", str(file)])

    assert "the pool is theirs alone" in answer.output
    assert "disagreement" not in answer.output
