"""Which line is which arm, where the drawing itself has no room to say so?"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from resynapse.report.arms import ArmStyle, swatch

PUBLISHED = Markup(
    '<span><svg width="12" height="16" viewBox="0 0 12 16" aria-hidden="true">'
    '<path class="whisker" d="M6 0V16"/><path class="pub" d="M6 3l5 5l-5 5l-5-5z"/></svg>'
    "published</span>"
)


DRAWN = Markup(
    '<span><svg width="12" height="16" viewBox="0 0 12 16" aria-hidden="true">'
    '<path class="drawn" d="M6 1V15"/></svg>90\u00a0% over parameters</span>'
)


def key(
    arms: Sequence[ArmStyle], rival: bool = False, published: bool = False, drawn: bool = False
) -> Markup:
    """A row of swatches with names."""
    entries = [_entry(arm) for arm in arms]
    if rival and arms:
        words = "dotted: only expectancy acts"
        entries.append(Markup("<span>{}{}</span>").format(swatch(arms[-1], rival=True), words))
    if published:
        entries.append(PUBLISHED)
    if drawn:
        entries.append(DRAWN)
    return Markup('<div class="key">{}</div>').format(Markup("").join(entries))


def _entry(arm: ArmStyle) -> Markup:
    said = Markup(' <span class="quiet">historical comparator</span>') if arm.historical else ""
    return Markup("<span>{}{}{}</span>").format(swatch(arm), arm.name, said)
