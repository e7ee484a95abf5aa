"""CTN-0027 week by week under the sets that ship, against its bars."""

from resynapse.inference.weeks_judged.judged import WeeksJudged, judge
from resynapse.inference.weeks_judged.told import KINDS, as_dict, earlier, rows, stored, words

__all__ = ["KINDS", "WeeksJudged", "as_dict", "earlier", "judge", "rows", "stored", "words"]
