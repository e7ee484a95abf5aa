"""Which rows tell a design that follows from a formula?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resynapse.trial.design.assurance import Assurance
    from resynapse.trial.design.sizes import Design, LookAt

HEADINGS = {
    "information_rate": ("Information", ".3f"),
    "time": ("Time", ".2f"),
    "n": ("People", ".1f"),
    "events": ("Events", ".1f"),
    "critical_value": ("Z efficacy", ".4f"),
    "nominal_p": ("p, one-sided", ".5f"),
    "futility_bound": ("Z futility", ".4f"),
    "effect_at_bound": ("at bound", ".4g"),
    "average_hazard_ratio": ("Average HR", ".3f"),
    "alpha_spent": ("Alpha spent", ".5f"),
    "power": ("Power", ".4f"),
}
SIZE_HEADS = ("Size", "exact", "rounded up")


def sizes(design: Design) -> list[list[str]]:
    """Exact and rounded, side by side."""
    whole = design.rounded
    rows = [
        ["People, one look", f"{design.n_fixed:.3f}", str(whole["n_fixed"])],
        ["People, at most", f"{design.n_max:.3f}", str(whole["n_max"])],
    ]
    for arm, n in design.n_per_arm.items():
        rows.append([f"  {arm}", f"{n:.3f}", str(whole["n_per_arm"][arm])])
    if design.lost:
        lost = f"People to recruit, {100 * design.lost:g} % lost"
        rows.append([lost, f"{design.n_recruited:.3f}", str(whole["n_recruited"])])
    if design.events is not None:
        rows.append(["Events, at most", f"{design.events:.3f}", str(whole["events"])])
    words = {"h0": "no effect", "between": "half of it", "h1": "the effect"}
    for name, n in design.expected_n.items():
        rows.append([f"People on average, {words[name]}", f"{n:.1f}", ""])
    return rows


def looks(design: Design) -> tuple[list[str], list[list[str]]]:
    """Headings, and a row a look, without the columns that say nothing."""
    shown = {name: head for name, head in HEADINGS.items() if _worth_showing(design, name)}
    heads = ["Look", *(_head(design, name, head) for name, (head, _) in shown.items())]
    return heads, [
        [str(place), *(_cell(look, name, form) for name, (_, form) in shown.items())]
        for place, look in enumerate(design.analyses, 1)
    ]


def _head(design: Design, name: str, head: str) -> str:
    scale = f"{design.effect_scale[:1].upper()}{design.effect_scale[1:]}"
    return f"{scale} {head}" if name == "effect_at_bound" else head


def _worth_showing(design: Design, name: str) -> bool:
    values = {getattr(look, name) for look in design.analyses}
    if name == "average_hazard_ratio" and None not in values:
        return max(values) - min(values) > 1e-6
    return values != {None}


def _cell(look: LookAt, name: str, form: str) -> str:
    value = getattr(look, name)
    return "\u2013" if value is None else format(value, form).replace("-", "\u2212")


def assumptions(design: Design) -> list[list[str]]:
    """What the size follows from, by name."""
    return [[name.replace("_", " "), _assumed(value)] for name, value in design.assumptions.items()]


def _assumed(value: Any) -> str:
    """A number; or a value that changes, with the times at which it does."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, dict):
        return f"{value:.4g}" if isinstance(value, float) else str(value)
    first, *rest = (f"{one:.4g}" for one in value["values"])
    later = [f"{one} from {at:g}" for one, at in zip(rest, value["changes"], strict=True)]
    return ", then ".join([first, *later])


def assurance(found: Assurance) -> str:
    """In a sentence."""
    error = found.monte_carlo_error
    spread = "" if error is None else f" (Monte Carlo error {error:.4f})"
    return (
        f"Assurance: {found.assurance:.4f}{spread} over {found.prior} of the {found.scale}; "
        f"probability of benefit {found.probability_of_benefit:.4f}."
    )
