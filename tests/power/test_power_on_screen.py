"""Does the screen of `resynapse power` say how many trials, of whom, and estimates of what?"""

from __future__ import annotations

from types import SimpleNamespace

from resynapse.cli.power.show import _extent, estimates

VALUE = SimpleNamespace(value=-0.5, error=0.1)
ROW = SimpleNamespace(
    world="as asked", n=80, design="new", method="stratified_cox", bias=VALUE, estimate=VALUE,
    coverage=VALUE, truth=-0.4, empirical_error=0.2, stated_error=0.2,
    rejected=SimpleNamespace(trials=52),
)  # fmt: skip
FOUND = SimpleNamespace(
    asked=SimpleNamespace(trials=50, n=(40, 80), ratio=9.0, seed=1, accrual=None),
    extent=SimpleNamespace(batches=4, people=1024, draws=0), rows=[ROW],
)  # fmt: skip


def test_the_trials_told_are_those_played_out_with_their_ratio():
    assert _extent(FOUND).startswith("52 trials of each size, from 4 batches of 1024 people")
    assert "9 treated for each control" in _extent(FOUND)


def test_estimates_say_their_size_and_scale():
    table = estimates(FOUND)

    assert table.title == (
        "Estimates at 80 controls. stratified_cox: ln hazard ratio within strata"
    )
    assert table.row_count == 1
