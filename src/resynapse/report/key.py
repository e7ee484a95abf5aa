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


def key(arms: Sequence[ArmStyle], rival: bool = False, published: bool = False) -> Markup:
    """A row of swatches with names."""
    entries = [Markup("<span>{}{}</span>").format(swatch(arm), arm.name) for arm in arms]
    if rival and arms:
        words = "dotted: only expectancy acts"
        entries.append(Markup("<span>{}{}</span>").format(swatch(arms[-1], rival=True), words))
    if published:
        entries.append(PUBLISHED)
    return Markup('<div class="key">{}</div>').format(Markup("").join(entries))
