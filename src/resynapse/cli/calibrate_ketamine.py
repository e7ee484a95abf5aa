"""What is a person told of the fit of ketamine?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resynapse.cli.calibrate_stage import sampler_said

if TYPE_CHECKING:
    from resynapse.inference.calibration import Calibration
    from resynapse.inference.identified import Identified
    from resynapse.inference.predictive import Predictive


def as_dict(done: Calibration, written: str | None) -> dict[str, Any]:
    """What was learned, as JSON."""
    from resynapse.inference.predictive import predictive

    free = done.problem.world.free
    return {
        "stage": "ketamine",
        "studies": list(dict.fromkeys(t.wanted.protocol for t in done.problem.targets)),
        "over": [stage for one in done.problem.world.over for stage in one.stages],
        "free": [_number(done, k) for k in range(len(free))],
        "predictive": [_expected(one) for one in predictive(done)],
        "divergences": done.posterior.divergences,
        "emulator": {
            "degree": done.problem.emulator.degree,
            "held_back": [float(v) for v in done.problem.emulator.held_back],
        },
        "log_evidence": done.log_evidence,
        "unidentified": [one.name for one in done.identified if not one.learned],
        "verdict": _verdict(done.identified),
        "written": written,
    }


def _number(done: Calibration, k: int) -> dict[str, Any]:
    import numpy as np

    one, number = done.identified[k], done.problem.world.free[k]
    diagnosis = done.posterior.diagnoses[k]
    low, middle, high = np.percentile(done.posterior.draws[:, k], (5, 50, 95))
    return {
        "name": one.name, "label": number.label, "unit": number.unit,
        "moves": dict(number.moves), "prior": str(number.prior),
        "median": float(middle), "low90": float(low), "high90": float(high),
        "probability_on_before": one.on_before, "probability_on": one.on_after,
        "contraction": one.contraction, "profile": [list(row) for row in one.profile],
        "learned": one.learned, "r_hat": diagnosis.r_hat,
        "effective_sample": diagnosis.effective_sample,
    }  # fmt: skip


def _expected(one: Predictive) -> dict[str, Any]:
    number = one.number
    return {
        "protocol": one.protocol, "endpoint": number.endpoint, "arm": number.arm,
        "measure": number.measure, "published": number.value, "prior90": list(one.before),
        "posterior90": list(one.after), "within": one.within,
    }  # fmt: skip


def text(told: dict[str, Any]) -> str:
    """The same as tables."""
    lines = [told["verdict"], ""]
    lines.append("| number | posterior, 90 % | P(not zero), before and after | contraction |")
    lines.append("| --- | --- | --- | --- |")
    for row in told["free"]:
        lines.append(
            f"| {row['label']} | {row['median']:.3g} ({row['low90']:.3g} to {row['high90']:.3g})"
            f" {row['unit'] if row['unit'] != '1' else ''} | {row['probability_on_before']:.2f},"
            f" {row['probability_on']:.2f} | {row['contraction']:.2f} |"
        )
    lines += ["", "| fitted number | published | prior, 90 % | posterior, 90 % | within |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for row in told["predictive"]:
        lines.append(
            f"| {row['protocol']}: {row['endpoint']}, {row['arm']}, {row['measure']} |"
            f" {row['published']:.3g} | {_range(row['prior90'])} | {_range(row['posterior90'])} |"
            f" {'yes' if row['within'] else '**no**'} |"
        )
    lines += [
        "",
        f"Fitted to {', '.join(told['studies'])}, over draws of {', '.join(told['over'])};"
        " everything else keeps its prior.",
    ]
    lines.append(sampler_said(told))
    if told["written"]:
        lines.append(f"Written: {told['written']}. Use it with --parameters {told['written']}.")
    return "\n".join(lines)


def _verdict(found: tuple[Identified, ...]) -> str:
    """What was learned, in a sentence, the unidentified numbers by name."""
    from resynapse.inference.identified import LEAST_DROP

    firm = [one.name for one in found if one.drop >= LEAST_DROP]
    little = [one.name for one in found if one.learned and one.name not in firm]
    silent = [one.name for one in found if not one.learned]
    words = []
    if firm:
        words.append(f"The published trials exclude part of the prior of {', '.join(firm)}.")
    if little:
        words.append(
            f"The published trials move {', '.join(little)} a little and exclude no value at 95 %,"
            " zero included."
        )
    if silent:
        words.append(f"They say next to nothing about {', '.join(silent)}: not identified.")
    return " ".join(words)


def _range(found: list[float]) -> str:
    low, middle, high = found
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"
