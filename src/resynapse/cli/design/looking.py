"""What does a look at a running trial, or its end, say? And how may its size then change?"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resynapse.cli.design.commands import app
from resynapse.cli.design.options import Asked, shared, told
from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.design.adaptive import Reestimation
    from resynapse.trial.design.after_stopping import Stopped


AsSeen = Annotated[
    str | None,
    typer.Option(
        metavar="0.48,0.89",
        help="What the looks so far have seen, as shares of all that was planned.",
    ),
]
LowerIsBetter = Annotated[
    bool, typer.Option("--lower-is-better", help="A negative estimate is a benefit.")
]


@app.command()
@shared(told)
def interim(
    asked: Asked,
    look: Annotated[int, typer.Option(help="Which look this is; 1 is the first.")],
    z: Annotated[
        float | None, typer.Option("--z", help="Z at this look, positive for a benefit.")
    ] = None,
    estimate: Annotated[
        float | None, typer.Option(help="In place of Z: difference, or ln of a ratio.")
    ] = None,
    se: Annotated[float | None, typer.Option("--se", help="Standard error of --estimate.")] = None,
    lower_is_better: LowerIsBetter = False,
    seen: AsSeen = None,
) -> dict[str, Any]:
    """Conditional and predictive power at a look; estimates where the trial ends there."""
    from resynapse.trial.design.after_stopping import Stopped

    now = _replanned(asked, seen, look)
    stopped = Stopped(now.looks, look, _z(z, estimate, se, lower_is_better))
    t = float(now.looks.information[look - 1])
    unit = 1.0 if se is None else se * t**0.5 * (-1.0 if lower_is_better else 1.0)
    decision = _decision(stopped)
    going = decision == "go on"
    return {
        **_at_look(stopped, t, decision),
        "scale": "drift, E[Z] at the last look" if se is None else "that of --estimate",
        "repeated_interval": _limits(stopped.repeated_interval, unit),
        "ahead": _ahead(now, asked.looks.drift, stopped) if going else None,
        "ended": None if going else _ended(stopped, unit),
        "formula": "conditional power: Z sqrt(t) has independent increments; after stopping: "
        "stage-wise ordering",
        "source": "Jennison and Turnbull 2000, chapters 8 to 10; Tsiatis, Rosner and Mehta 1984",
    }


def _at_look(stopped: "Stopped", t: float, decision: str) -> dict[str, Any]:
    bounds = stopped.looks.critical_values
    return {
        "look": stopped.look,
        "information_rate": t,
        "critical_values": bounds.tolist(),
        "z": stopped.z,
        "critical_value": float(bounds[stopped.look - 1]),
        "decision": decision,
    }


def _replanned(asked: Asked, given: str | None, look: int) -> Asked:
    """The looks as the information seen makes them; as planned where none is given."""
    if given is None:
        return asked
    from resynapse.cli.design.words import numbers
    from resynapse.trial.design.looks_seen import replanned

    shares = numbers("--seen", given)
    if len(shares) != look:
        raise InputError(f"--seen {given}: give a share for each look up to this one, look {look}.")
    return replace(asked, looks=replanned(asked.looks, shares))


def _z(z: float | None, estimate: float | None, se: float | None, lower: bool) -> float:
    if z is not None and estimate is None and se is None:
        return z
    if z is not None or estimate is None or se is None:
        raise InputError("Give --z, or --estimate and --se.")
    if not se > 0:
        raise InputError(f"--se was given as {se:g}; it must be above 0.")
    return (-estimate if lower else estimate) / se


def _decision(stopped: "Stopped") -> str:
    """By the bounds."""
    k, looks = stopped.look - 1, stopped.looks
    crossed = abs(stopped.z) if looks.sided == 2 else stopped.z
    if crossed >= looks.critical_values[k]:
        return "stop, efficacy" if stopped.z > 0 else "stop, on the other side"
    if stopped.look == len(looks.information):
        return "ended without efficacy"
    futility = looks.futility_bounds
    if futility is not None and stopped.z < futility[k]:
        return "stop, futility"
    return "go on"


def _ahead(asked: Asked, drift: float, stopped: "Stopped") -> dict[str, float]:
    """``drift`` is that of the plan."""
    from resynapse.trial.design.interim import Interim

    seen: Interim = Interim(asked.looks, stopped.look, stopped.z)
    return {
        "conditional_power_trend": seen.conditional_power(),
        "conditional_power_planned": seen.conditional_power(drift),
        "conditional_error": seen.conditional_error(),
        "predictive_power": seen.predictive_power(),
    }


def _ended(stopped: "Stopped", unit: float) -> dict[str, Any]:
    return {
        "p_value": stopped.p_value,
        "median_unbiased": stopped.median_unbiased * unit,
        "interval": _limits(stopped.interval, unit),
        "naive": stopped.naive * unit,
    }


def _limits(interval: tuple[float, float], unit: float) -> list[float]:
    return sorted(limit * unit for limit in interval)


@app.command()
@shared(told)
def adaptive(
    asked: Asked,
    effect: Annotated[float, typer.Option(help="Difference of means that is assumed.")],
    sd: Annotated[float, typer.Option(help="Standard deviation within an arm.")],
    first: Annotated[float, typer.Option(help="People of the first stage, both arms.")],
    least: Annotated[float, typer.Option(help="People of the second stage, at least.")],
    most: Annotated[float, typer.Option(help="People of the second stage, at most.")],
    target: Annotated[float, typer.Option(help="Conditional power to be reached.")] = 0.8,
    by_assumed: Annotated[
        bool, typer.Option("--by-assumed", help="At the assumed effect, not at the estimate.")
    ] = False,
    promising: Annotated[
        float, typer.Option(help="Keep the smallest stage below this conditional power.")
    ] = 0.0,
) -> dict[str, Any]:
    """Two stages of two means, the second sized after the first; alpha holds whatever the rule."""
    from resynapse.trial.design import adaptive as stages
    from resynapse.trial.design.validity import positive

    positive("sd", sd)
    positive("effect", abs(effect))
    per_person = asked.ratio / ((1 + asked.ratio) * sd) ** 2
    rule = stages.Reestimation(
        asked.looks,
        *(first * per_person, target, least * per_person, most * per_person),
        assumed=abs(effect) if by_assumed else None,
        zone=(promising, 1.0),
    )
    return _characteristics(rule, abs(effect), per_person)


def _characteristics(rule: "Reestimation", effect: float, per_person: float) -> dict[str, Any]:
    """What happens at shares of the effect, and how large the second stage is after a z_1."""
    bounds, futility = rule.looks.critical_values, rule.looks.futility_bounds
    low = 0.0 if futility is None else float(futility[0])
    seen = [low + (float(bounds[0]) - low) * share for share in (0.0, 0.25, 0.5, 0.75, 0.999)]
    return {
        "method": f"inverse-normal combination, target conditional power {rule.target:g}",
        "critical_values": bounds.tolist(),
        "type_1_error": rule.power(0.0),
        "power": {name: rule.power(share * effect) for name, share in SHARES.items()},
        "expected_n": {
            name: rule.expected(share * effect) / per_person for name, share in WITH_H0.items()
        },
        "second_stage_n": {
            f"at z_1 = {one:.2f}": float(rule.second(one)[0]) / per_person for one in seen
        },
        "formula": "Z* = w_1 z_1 + w_2 z_2 >= c_2; I_2 = ((c_2 - w_1 z_1) / w_2 + z_target)^2 / "
        "effect^2, within the limits",
        "source": "Lehmacher and Wassmer 1999; Mehta and Pocock 2011",
    }


SHARES = {"between": 0.5, "h1": 1.0}
WITH_H0 = {"h0": 0.0, **SHARES}
