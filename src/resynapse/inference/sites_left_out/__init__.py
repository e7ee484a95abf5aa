"""Sites of CTN-0030 and CTN-0027 that a stage was not fitted to, and what it forecast for them."""

from resynapse.inference.sites_left_out.judged import SitesLeftOut, judge
from resynapse.inference.sites_left_out.told import as_dict, rows, stored, words

__all__ = ["SitesLeftOut", "as_dict", "judge", "rows", "stored", "words"]
