"""How do the numbers of trials that were played out reach a spreadsheet?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from resynapse.trial.power.example import Examples
    from resynapse.trial.power.found import Found
    from resynapse.trial.power.monte_carlo import Mean

ROUNDED = "%.6g"


def tables(found: Found, examples: Mapping[str, Examples]) -> dict[str, pd.DataFrame]:
    """Power and estimates, sizes needed, tipping points; plain columns, a name for each table."""
    return {
        "power": pd.DataFrame([_power(row) for row in found.rows]),
        "needed": pd.DataFrame(
            [
                {"design": design, "analysis": method, **vars(one)}
                for (design, method), one in found.needed.items()
            ]
        ),
        "tipping": pd.DataFrame(
            [
                {"design": design, "question": one.question, "at": at, "in_favour": share}
                for design, example in examples.items()
                for one in example.tipping
                for at, share in zip(one.at, one.in_favour, strict=True)
            ]
        ),
    }


def write_tables(data: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """One CSV for each table."""
    folder.mkdir(parents=True, exist_ok=True)
    places = []
    for name, table in data.items():
        place = folder / f"{name}.csv"
        table.to_csv(place, index=False, float_format=ROUNDED)
        places.append(place)
    return places


def _power(row: Any) -> dict[str, Any]:
    return {
        "design": row.design,
        "world": row.world,
        "analysis": row.method,
        "n_control": row.n,
        "rejected": row.rejected.value,
        "rejected_error": row.rejected.error,
        "rejected_low": row.rejected.low,
        "rejected_high": row.rejected.high,
        "trials": row.rejected.trials,
        "worth": row.rejected.worth,
        "failed": row.failed,
        "futility": row.futility,
        **_with_error("people", row.people),
        **_with_error("days", row.days),
        **{f"ended_at_look_{k}": share for k, share in enumerate(row.stopped, 1)},
        **_by_look("information", row.information),
        **_by_look("critical_value", row.critical_values),
        **_with_error("estimate", row.estimate),
        "truth": row.truth,
        **_with_error("bias", row.bias),
        "empirical_error": row.empirical_error,
        "stated_error": row.stated_error,
        **_with_error("coverage", row.coverage),
        **(_adjusted(row.adjusted) if row.adjusted else {}),
    }


def _by_look(name: str, values: tuple[float, ...]) -> dict[str, float]:
    """A column a look; nothing with one look."""
    several = values if len(values) > 1 else ()
    return {f"{name}_at_look_{k}": value for k, value in enumerate(several, 1)}


def _adjusted(one: Any) -> dict[str, Any]:
    """Median-unbiased estimates after stopping."""
    return {
        **_with_error("adjusted_estimate", one.estimate),
        **_with_error("adjusted_bias", one.bias),
        "adjusted_empirical_error": one.empirical_error,
        **_with_error("adjusted_coverage", one.coverage),
        **_with_error("adjusted_above_truth", one.above),
        **_with_error("naive_above_truth", one.naive_above),
    }


def _with_error(name: str, one: Mean | None) -> dict[str, float | None]:
    return {name: one.value if one else None, f"{name}_error": one.error if one else None}
