"""Which published trials of opioid use defined an outcome on weekly urines, and how?

One line a rule; weeks are those of the publication. The facts (what is counted, in which weeks,
what missing and mixed weeks count as, and whose it is) are those that CTNote's library of outcomes
gives (Odom, Brandt, Luo, Balise). Its tables of definitions and vignettes were read; the papers of
the trials were not. Where CTNote fits a rule to the 15 weeks that all its people have, the tests do
so too before they compare.
"""

from __future__ import annotations

from typing import Any, Final

from resynapse.trial.definitions.urine_measure import (
    AbstractMeasure,
    EachMostly,
    FirstWindow,
    IndexOfUse,
    LongestNegative,
    Mostly,
    NegativeAtTheEnd,
    NegativeRun,
    NegativeWeeks,
    NoneButMissing,
    ShareNegative,
)
from resynapse.trial.definitions.urine_rule import UrineRule

CITATIONS: Final = {
    "comer2006": "Comer 2006, doi 10.1001/archpsyc.63.2.210",
    "ctn0051": "Lee 2018 (CTN-0051)",
    "ctn0094": "CTN-0094",
    "eissenberg1997": "Eissenberg 1997, doi 10.1001/jama.1997.03540480045037",
    "fiellin2006": "Fiellin 2006",
    "fudala2003": "Fudala 2003",
    "haight2019": "Haight 2019, doi 10.1016/S0140-6736(18)32259-1",
    "jaffe1972": "Jaffe 1972",
    "johnson1992": "Johnson, Jaffe and Fudala 1992",
    "kosten1993": "Kosten 1993",
    "krupitsky2004": "Krupitsky 2004, and 2006, doi 10.1016/j.jsat.2006.05.005",
    "krupitsky2011": "Krupitsky 2011, doi 10.1016/S0140-6736(11)60358-9",
    "lee2016_urine": "Lee 2016: 10 of 28 days of use, a positive urine worth 5",
    "ling1976": "Ling 1976, doi 10.1001/archpsyc.1976.01770060043007, scaled from 40 to 15 weeks",
    "ling1976_variant": "CTNote, after Ling 1976, harder on missing weeks",
    "ling1998": "Ling 1998, PMID 9684386",
    "ling2010": "Ling 2010",
    "lofwall2018": "Lofwall 2018, doi 10.1001/jamainternmed.2018.1052",
    "mattick2003": "Mattick 2003, PMID 12653814",
    "mokri2016": "Mokri 2016",
    "pani2000": "Pani 2000, doi 10.1016/S0376-8716(00)80006-X",
    "petitjean2001": "Petitjean 2001",
    "preston2000": "Preston, Umbricht and Epstein 2000",
    "schottenfeld2005": "Schottenfeld 2005",
    "schottenfeld2008": "Schottenfeld 2008, doi 10.1016/S0140-6736(08)60954-X",
    "schwartz2006": "Schwartz 2006, at day 120",
    "shufman1994": "Shufman 1994",
    "soyka2008": "Soyka 2008, PMID 18205978",
    "strain1993": "Strain 1993, doi 10.7326/0003-4819-119-1-199307010-00004",
    "strain1994": "Strain 1994, doi 10.1176/ajp.151.7.1025",
    "strain1996": "Strain 1996",
    "strain1999": "Strain 1999, doi 10.1001/jama.281.11.1000",
    "strang2010": "Strang 2010",
    "strang2019": "Strang 2019, PMID 30702059",
    "tanum2017": "Tanum 2017, a share of the group there",
    "weiss2011": "Weiss 2011 (CTN-0030), doi 10.1001/archgenpsychiatry.2011.121",
    "wolstein2009": "Wolstein 2009",
    "woody2008": "Woody 2008, doi 10.1001/jama.2008.574",
    "zaks1972": "Zaks, Fink and Freedman 1972",
}
"""First author and year, and where CTNote gives one, the identifier of the paper"""


def _rule(what: str, whose: str, measure: AbstractMeasure, **reading: Any) -> UrineRule:
    return UrineRule(f"{what}_{whose}", measure, CITATIONS[whose], **reading)


SHARE, COUNT, LONGEST = ShareNegative(), NegativeWeeks(), LongestNegative()
FIRST_POSITIVE: Final = FirstWindow(1, of=1)
DROPOUT: Final = FirstWindow(4, of=4, letter="missing")
LOFWALL: Final = EachMostly(((9, 11, 2 / 3), (12, 12, 1.0), (13, 24, 5 / 6)))
LOFWALL_VISITS: Final = (*range(1, 13), *range(14, 25, 2))
HALF: Final = {"mixed": 0.5}
GIVEN: Final = {"missing": "skipped", "mixed": 0.5}
NOT_POSITIVE: Final = {"missing": "negative", "mixed": 0.5}
AS_IS: Final = {"missing": "missing", "mixed": 0.5}
INDEX: Final = {"missing": "missing", "mixed": 0.5, "last": 15, "stayed": 4}

ABSTINENCE: Final = (
    _rule("abstinence", "ctn0094", NoneButMissing(1), missing="missing", first=12, last=15),
    _rule("negative_weeks", "fiellin2006", COUNT),
    _rule("abstinence", "kosten1993", NegativeRun(3), **AS_IS),
    _rule("abstinence", "krupitsky2011", Mostly(1.0), first=5, last=24),
    _rule("negative_weeks", "krupitsky2011", COUNT, first=5, last=24),
    _rule("abstinence", "ling1998", NegativeRun(4), note="13 urines, three a week", **AS_IS),
    _rule("abstinence", "lofwall2018", LOFWALL, first=9, last=24, visits=LOFWALL_VISITS),
    _rule("first_positive", "mokri2016", FIRST_POSITIVE),
    _rule("longest_negative", "schottenfeld2005", LONGEST, missing="skipped"),
    _rule("first_positive", "schottenfeld2008", FIRST_POSITIVE),
    _rule("longest_negative", "schottenfeld2008", LONGEST),
    _rule("first_positive", "shufman1994", FIRST_POSITIVE, missing="negative"),
    _rule("abstinence", "weiss2011", NegativeAtTheEnd(2, of=3)),
)
RELAPSE: Final = (
    _rule("relapse", "ctn0094", FirstWindow(4, of=4)),
    _rule("dropout", "ctn0094", DROPOUT, missing="missing"),
    _rule("relapse", "johnson1992", FirstWindow(2, of=2), first=4),
    _rule("relapse", "krupitsky2004", FirstWindow(3, of=3)),
    _rule("relapse", "lee2016_urine", FirstWindow(2, of=4, dated=3)),
    _rule("relapse", "ctn0051", FirstWindow(4, of=4), first=3, note="from day 21"),
    _rule("relapse", "schottenfeld2008", FirstWindow(3, of=3)),
)
REDUCTION: Final = (
    _rule("share_negative", "comer2006", SHARE, last=8, **HALF),
    _rule("abstinence", "eissenberg1997", NegativeRun(4), missing="neighbours", last=17, stayed=17,
          **HALF),
    _rule("share_negative", "fiellin2006", SHARE, **HALF),
    _rule("share_negative", "fudala2003", SHARE, **GIVEN),
    _rule("share_negative", "haight2019", SHARE, first=5, last=24, **HALF),
    _rule("share_negative", "jaffe1972", SHARE, missing="usual", stayed=8, **HALF),
    _rule("share_negative", "johnson1992", SHARE, **HALF),
    _rule("mostly_negative", "kosten1993", Mostly(0.7), last=24, **GIVEN),
    _rule("share_negative", "ling1998", SHARE, **GIVEN),
    _rule("negative_weeks", "ling1998", COUNT, **HALF),
    _rule("share_negative", "ling2010", SHARE, last=16, **HALF),
    _rule("index", "ling1976", IndexOfUse(positive=1.0, missing=0.22, steps=True), **INDEX),
    _rule("index", "ling1976_variant", IndexOfUse(positive=0.8, missing=1.0, steps=False), **INDEX),
    _rule("share_negative", "lofwall2018", SHARE, last=24, visits=LOFWALL_VISITS, carried=True,
          **HALF),
    _rule("share_negative_of_stay", "mattick2003", SHARE, while_seen=True, **HALF),
    _rule("share_negative", "mattick2003", SHARE, last=13, **HALF),
    _rule("share_negative_of_given", "pani2000", SHARE, **GIVEN),
    _rule("share_negative", "pani2000", SHARE, **HALF),
    _rule("share_negative", "petitjean2001", SHARE, **HALF),
    _rule("share_negative", "preston2000", SHARE, last=13, **HALF),
    _rule("share_negative", "schottenfeld2005", SHARE, **GIVEN),
    _rule("negative", "schwartz2006", Mostly(1.0), first=17, last=17, **HALF),
    _rule("share_negative", "shufman1994", SHARE, **NOT_POSITIVE),
    _rule("share_negative", "soyka2008", SHARE, **GIVEN),
    _rule("share_negative", "strain1993", SHARE, first=6, last=15, **NOT_POSITIVE),
    _rule("share_negative", "strain1994", SHARE, **NOT_POSITIVE),
    _rule("share_negative", "strain1996", SHARE, **GIVEN),
    _rule("share_negative", "strain1999", SHARE, **NOT_POSITIVE),
    _rule("mostly_negative", "strang2010", Mostly(0.5), first=14, last=26, **HALF),
    _rule("share_negative", "strang2019", SHARE, last=12, **HALF),
    _rule("share_negative", "tanum2017", SHARE, while_seen=True, **HALF),
    _rule("share_negative", "wolstein2009", SHARE, **GIVEN),
    _rule("share_negative", "woody2008", SHARE, last=12, visits=(4, 8, 12), **HALF),
    _rule("negative_weeks", "zaks1972", COUNT, **HALF),
)  # fmt: skip

RULES: Final[dict[str, UrineRule]] = {r.name: r for r in (*ABSTINENCE, *RELAPSE, *REDUCTION)}
"""Name -> rule, in the order in which they are shown"""
