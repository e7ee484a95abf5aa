"""How does a kernel become machine code, once, and where is it kept?"""

from __future__ import annotations

import hashlib

import llvmlite
import llvmlite.binding as llvm
import llvmlite.ir as ir

from resynapse.engine.native.kept import remembered
from resynapse.engine.native.processor import machine, processor


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


def machine_code(module: ir.Module | str, key: str | None = None) -> bytes:
    """The code of a kernel, given as a module or its text, from the cache or made and put there.

    ``key`` says what the text was written from; without one the text itself does.
    """
    text = str(module)
    return remembered(key or key_of(text), lambda: _compiled(text))


def key_of(*parts: str) -> str:
    """Under which code for this processor is kept that was made of these."""
    told = "\n".join((*parts, llvmlite.__version__, processor()))
    return hashlib.sha256(told.encode()).hexdigest()


def _compiled(text: str) -> bytes:
    module = llvm.parse_assembly(text)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    passes = llvm.create_pass_builder(machine(), options)
    passes.getModulePassManager().run(module, passes)
    return machine().emit_object(module)
