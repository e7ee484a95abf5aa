"""Write docs/forecasts.md from the frozen forecasts: python docs/build_forecasts_page.py"""

from __future__ import annotations

from pathlib import Path

from resynapse.cli.forecasts import HEAD, text
from resynapse.inference.forecasts import forecasts

PAGE = Path(__file__).with_name("forecasts.md")
ABOUT = """# What was forecast for trials that have not been read out

{head}

```
resynapse forecasts                    # all of them
resynapse forecasts show more-kare     # one, with --json for programs
resynapse forecasts freeze more-kare   # simulate again and write a new file, dated that day
resynapse forecasts freeze MY.yaml     # the same for a protocol of your own
```

**How to read them.** Each quantity has a median, a 50 % interval in brackets and a 90 % interval
in parentheses. Both hold what is not known (parameters, sites, a study's own effect) and the
chance of a trial of the planned size. Beside it stands the rival in which ketamine acts by
expectancy alone. "Favours it" is the probability, stated beforehand, that the trial's contrast
lies on the side of benefit; at read-out it is judged by Brier score (the squared error of a
probability), and the intervals by coverage and CRPS (docs/validation.md says what that is). The
first forecast of a trial is the test; later ones are not.

**What they rest on.** The parameters are those of stage e, `ketamine`, which was named `calibrated`
when these were frozen: three numbers fitted to two small trials, everything else from its prior,
most of it assumed (docs/calibration.md). The model as it was then covered 71 % (15 of 21) of the
published values of trials left out with 90 % intervals, the present one covers 74 % (17 of 23: of
these again 15 of 21, and two values of a trial without ketamine); by CRPS neither is told from a
rival (docs/validation.md): expect misses. Where the two intervals overlap so far
that they look alike, the trial will not decide between the two.

**What has been learned since.** nct06943859 has the site that was fitted by hand to CTN-0027:
5 % of people do not mean to abstain. Stage c has since fitted 56 % (51 to 60) to that trial, whose
people too come for methadone while they use, so 5 % is too few. It matters for days abstinent:
at the middle of the priors ketamine is better by 7.5 points (4.4 to 10.7) at that site, and by
3.0 (-0.2 to 6.3) at the site that ctn-0027 had before (53 %; 1000 people an arm, seed 1);
retention and symptoms hardly move. So the forecast of that quantity is too hopeful even if the
model is right. It stays the test.

The questions were written before anything was simulated for them. One design was completed then,
from the abstract of its grant (nct04084860: two infusions, 120 people). Each frozen file has its
checksum in the tests.
"""


def page() -> str:
    """All of it."""
    parts = [ABOUT.format(head=HEAD)]
    for one in forecasts():
        told = text(one).replace(f"{HEAD}\n\n", "")
        parts.append(f"#{told}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
