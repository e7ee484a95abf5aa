"""Which scalar operations are there, and what does each do to NumPy's columns?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "abs": np.abs,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "sign": np.sign,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "pow": np.power,
    "tanh": np.tanh,
    "logistic": special.expit,
    "select": np.where,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "not": np.logical_not,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
    "to_real": lambda x: np.asarray(x).astype(np.float64),
    "to_whole": lambda x: np.asarray(x).astype(np.int64),
    "to_word": lambda x: np.asarray(x).astype(np.uint32),
}
"""name -> what NumPy does; kernels do the same (elementary.py, emit.py)"""


def typed_value(value: object, kind: str) -> np.generic:
    """A constant as NumPy holds it."""
    made = {"f": np.float64, "b": np.bool_, "u": np.uint32, "i": np.int64}
    return made[kind](value)
