"""What does another program read of a result?"""

from __future__ import annotations

import math
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from resynapse.trial.result import RIVALS_NOT_RUN, RIVALS_RUN

if TYPE_CHECKING:
    from resynapse.trial.result import ArmResult, Result


def as_dict(result: Result, output: Path | str | None = None) -> dict[str, Any]:
    """The result in strictly valid JSON types; a number that is not finite becomes None."""
    return plain(
        {
            "protocol": result.protocol.name,
            "title": result.protocol.title,
            "seed": result.seed,
            "patients_per_arm": result.patients_per_arm,
            "parameters": result.parameters,
            "parameter_counts": result.parameter_counts,
            "backend": result.backend,
            "arms": _arms(result.arms),
            "comparisons": result.comparisons,
            "safety": {name: arm.safety for name, arm in result.arms.items()},
            "rivals": RIVALS_NOT_RUN if result.alone else RIVALS_RUN,
            "rival": _arms(result.rival),
            "window_off": _arms(result.window_off),
            "published": result.published,
            "knowledge": result.knowledge,
            "output": None if output is None else str(output),
            "wall_seconds": result.wall_seconds,
        }
    )


def _arms(arms: dict[str, ArmResult]) -> dict[str, Any]:
    return {
        name: {
            "label": arm.label,
            "sentence": arm.sentence,
            "endpoints": arm.endpoints,
            "states": arm.states,
            "safety": arm.safety,
        }
        for name, arm in arms.items()
    }


def plain(value: Any) -> Any:
    """The same value in dicts with text keys, lists, text, finite numbers, true, false and None."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    return str(value)
