"""What is believed of rates, after some people or after earlier trials?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.design import words
from resynapse.cli.design.commands import app
from resynapse.cli.design.options import AsJson, told
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.bayesian import Beta


@app.command()
def bayes(
    responders: Annotated[
        str, typer.Option(metavar="X/N[,X/N]", help="So far: one arm, or treated and control.")
    ],
    people: Annotated[str, typer.Option("--n", help="At the end: 40, or 40,40.")],
    threshold: Annotated[float, typer.Option(help="Posterior probability that is a success.")],
    p0: Annotated[float | None, typer.Option("--p0", help="One arm: the rate to beat.")] = None,
    margin: Annotated[
        float | None, typer.Option(help="Two arms: difference to beat, by default 0.")
    ] = None,
    prior: Annotated[str, typer.Option(metavar="A,B", help="Beta prior of each rate.")] = "1,1",
    p1: Annotated[float | None, typer.Option("--p1", help="True rate of the treated.")] = None,
    p2: Annotated[float | None, typer.Option("--p2", help="Two arms: of controls.")] = None,
    as_json: AsJson = False,
) -> None:
    """Posterior and predictive probability of success, for one rate or two.

    With --p1 (two arms: and --p2) also the power at these true rates and the type I error of the
    rule at the end, both exact: one arm, at --p0; two, where the treated beat --p2 by --margin.
    """
    from resynapse.trial.design.bayesian import Beta

    seen = words.shares("--responders", responders)
    sizes = [int(n) for n in words.numbers("--n", people)]
    belief = Beta(*words.beta("--prior", prior))
    if not 1 <= len(seen) == len(sizes) <= 2:
        raise InputError("Give --responders and --n of one arm, or of two: 12/20,6/20 and 40,40.")
    if len(seen) == 1:
        for name, value in (("--margin", margin), ("--p2", p2)):
            _ensure_not_given(name, value, "of two arms; give --responders and --n of two")
        beaten = f"the rate is above {p0}"
        found = _one_arm(seen[0], sizes[0], p0, threshold, belief, p1)
    else:
        _ensure_not_given("--p0", p0, "of one arm; two are compared with each other, by --margin")
        more = f" {'+' if margin > 0 else '-'} {abs(margin):g}" if margin else ""
        beaten = f"the rate of the treated is above controls'{more}"
        found = _two_arms((*seen[0], *seen[1]), sizes, threshold, margin or 0.0, belief, p1, p2)
    labels = {"posterior": f"posterior probability, now, that {beaten}"}
    told(found | {"formula": FORMULA, "source": "Lee and Liu 2008"}, as_json, labels)


def _ensure_not_given(name: str, value: float | None, why: str) -> None:
    if value is not None:
        raise InputError(f"{name} {value:g} is {why}.")


def _one_arm(
    seen: tuple[int, int], n: int, p0: float | None, threshold: float, belief: "Beta",
    p1: float | None,
) -> dict[str, float]:  # fmt: skip
    from resynapse.trial.design.bayesian import SingleArm

    if p0 is None:
        raise InputError("One arm needs --p0, the rate that it is to beat.")
    one = SingleArm(n, p0, threshold, belief)
    found = {"posterior": one.posterior(*seen), "predictive": one.predictive(*seen)}
    if p1 is not None:
        found["power"] = one.characteristics(p1, (), 0.0)["success"]
        found["type_1_error"] = one.characteristics(p0, (), 0.0)["success"]
    return found


def _two_arms(
    seen: tuple[int, ...], sizes: list[int], threshold: float, margin: float, belief: "Beta",
    p1: float | None, p2: float | None,
) -> dict[str, float]:  # fmt: skip
    """With true rates also power, and the type I error where the treated beat p2 by the margin."""
    from resynapse.trial.design.bayesian import TwoRates

    if (p1 is None) != (p2 is None):
        raise InputError("Give both --p1 and --p2, the true rates, or neither.")
    two = TwoRates(sizes[0], sizes[1], threshold, margin, (belief, belief))
    found = {"posterior": two.posterior(*seen), "predictive": two.predictive(*seen)}
    if p1 is not None and p2 is not None:
        found["power"] = two.characteristics(p1, p2)
        least = round(p2 + margin, 12)  # of which rounding alone may lie beyond 0 or 1
        if not 0 <= least <= 1:
            raise InputError(
                f"--p2 {p2:g} and --margin {margin:g}: the type I error is that of treated whose "
                f"rate is {least:g}, which is no rate. Give a --p2 with room for the margin."
            )
        found["type_1_error"] = two.characteristics(least, p2)
    return found


FORMULA = (
    "posterior: P(rate beats the other | data); predictive: sum over future counts of their "
    "beta-binomial probability where the posterior at the end reaches the threshold"
)


@app.command()
def borrow(
    historical: Annotated[
        str, typer.Option(metavar="X/N,X/N", help="Responders among earlier controls.")
    ],
    spread: Annotated[
        float, typer.Option(help="Scale of the half-normal prior of the spread between trials.")
    ] = 1.0,
    robust: Annotated[float, typer.Option(help="Weight of a vague part, 0 to 1.")] = 0.2,
    new: Annotated[str | None, typer.Option(metavar="X/N", help="Controls seen now.")] = None,
    as_json: AsJson = False,
) -> None:
    """A prior of the control rate from earlier trials, and how many people it is worth."""
    from resynapse.trial.design.borrowing import RatePrior, meta_analytic_predictive

    def values(prior: RatePrior) -> dict[str, Any]:
        return {
            "mean": prior.mean,
            "interval": [prior.quantile(0.025), prior.quantile(0.975)],
            "effective_n_moments": prior.people,
            "effective_n_information": prior.people_by_information,
        }

    plain = meta_analytic_predictive(words.shares("--historical", historical), spread)
    mixed = plain.robust(robust)
    found = {"meta_analytic_predictive": values(plain), "robust": values(mixed)}
    if new is not None:
        seen = words.shares("--new", new)
        if len(seen) != 1:
            raise InputError(f"--new {new}: give the controls of one trial, as 5/20.")
        after = mixed.after(*seen[0])
        found["posterior"] = {
            "mean": after.mean,
            "interval": [after.quantile(0.025), after.quantile(0.975)],
        }
    source = "Neuenschwander and others 2010, 2020; Schmidli and others 2014"
    told(found | {"formula": MAP, "source": source}, as_json)


MAP = (
    "logit p_h ~ Normal(mu, tau), mu ~ Normal(0, 2), tau ~ half-normal(spread); robust: "
    "(1 - w) MAP + w Beta(1, 1)"
)
