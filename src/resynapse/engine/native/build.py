"""How does a kernel become machine code, once, and where is it kept?"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import llvmlite.ir as ir

from resynapse.engine.cache import folder, made_again, not_kept
from resynapse.engine.native.processor import machine, processor

_DIGEST = 32
"""bytes of checksum before the code"""


class Loaded:
    """Machine code in memory; its addresses hold while this is kept.

    JITLink puts a kernel and its constants into one block. LLVM's older linker asks for them apart,
    and ends the process where memory in use leaves more than 2 GiB between them.
    """

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._compiler = llvm.create_lljit_compiler(machine(), use_jit_link=True)
        library = llvm.JITLibraryBuilder()
        for name, code in objects.items():
            library = library.add_object_img(code).export_symbol(name)
        self._tracker = library.link(self._compiler, "kernels")

    def address(self, name: str) -> int:
        """Where the kernel of this name begins."""
        return self._tracker[name]


def machine_code(module: ir.Module) -> bytes:
    """The code of a kernel, from the cache or made and put there."""
    text = str(module)
    key = "\n".join((text, llvmlite.__version__, processor()))
    return remembered(hashlib.sha256(key.encode()).hexdigest(), lambda: _compiled(text))


def remembered(key: str, make: Callable[[], bytes]) -> bytes:
    """What was made under this key before, if it is whole; otherwise it is made and kept."""
    place = folder("native")
    file = None if place is None else place / key[:40]
    kept = _read(file)
    if kept is None:
        kept = make()
        _write(file, kept)
    return kept


def _compiled(text: str) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(machine(), options)
    passes.getModulePassManager().run(module, passes)
    return machine().emit_object(module)


def _read(file: Path | None) -> bytes | None:
    """Code that was kept, if it is whole."""
    if file is None or not file.is_file():
        return None
    try:
        found = file.read_bytes()
    except OSError:
        return None
    digest, code = found[:_DIGEST], found[_DIGEST:]
    if hashlib.sha256(code).digest() == digest:
        return code
    made_again(file)
    return None


def _write(file: Path | None, code: bytes) -> None:
    """Written beside and moved into place: no half is ever read, and a full disk is no fault."""
    if file is None:
        return
    try:
        handle, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(code).digest() + code)
        os.replace(name, file)
    except OSError as error:
        not_kept(file.parent.parent, error)
