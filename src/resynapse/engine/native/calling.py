"""How do compiled loops call machine code?"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from resynapse.engine.cache import not_kept

compiled = numba.njit(nogil=True, cache=True, error_model="numpy")
_ALONE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = numba.njit(nogil=True, error_model="numpy", **_ALONE)
"""of what compiled loops alone call, and hold: it is not kept by itself, as Numba would take it up
again whatever had changed in what it calls; to be called from Python takes longer to compile"""


def made_of(*modules: ModuleType) -> Callable[[Any], Any]:
    """A loop that holds code or numbers of these modules.

    Numba looks at the file of the loop alone. So what all of them were is kept beside what Numba
    keeps, and that is forgotten where they are not what they were: what is there is of this code.
    """

    def renewed(loop: Any) -> Any:
        if not hasattr(loop, "stats"):
            return loop
        code, place = loop.py_func.__code__, Path(loop.stats.cache_path)
        name = f"{Path(code.co_filename).stem}.{code.co_name}"
        try:
            paths = [code.co_filename, *(str(module.__file__) for module in modules)]
            files = [numba.__version__.encode(), *(Path(path).read_bytes() for path in paths)]
            made, stamp = sha256(b"\0".join(files)).hexdigest(), place / f"{name}.made_of"
            if not stamp.exists() or stamp.read_text(encoding="ascii") != made:
                for kept in place.glob(f"{name}-*.nbi"):
                    kept.unlink(missing_ok=True)
                place.mkdir(parents=True, exist_ok=True)
                stamp.write_text(made, encoding="ascii")
        except OSError as error:
            not_kept(place, error)
        return loop

    return renewed


@intrinsic
def call(context, address, arena, run, step, count):
    """Call machine code at this address."""
    pointer = types.CPointer(types.float64)

    def code(context, builder, signature, arguments):
        number = ir.DoubleType().as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [number] * 3 + [ir.IntType(64)])
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        builder.call(function, arguments[1:])
        return context.get_dummy_value()

    return types.void(types.int64, pointer, pointer, pointer, types.int64), code


@intrinsic
def pointer_to(context, array):
    """Where the numbers of an array begin."""

    def code(context, builder, signature, arguments):
        from numba.core import cgutils

        made = cgutils.create_struct_proxy(signature.args[0])(context, builder, value=arguments[0])
        return made.data

    return types.CPointer(types.float64)(array), code


@inner
def fill(row, many, value):
    """The same number in the first places of a row.

    Written out, as is ``copy``: for ``row[:many] = value`` numba also compiles how its complaint
    about shapes would be worded, 2.5 s of a cold start.
    """
    for p in range(many):
        row[p] = value


@inner
def copy(source, row, many):
    """The first numbers of one row into another."""
    for p in range(many):
        row[p] = source[p]
