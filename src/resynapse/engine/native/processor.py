"""Which processor is code made for, and what can it do?"""

from __future__ import annotations

from functools import cache

import llvmlite.binding as llvm


@cache
def machine() -> llvm.TargetMachine:
    """What writes machine code for this processor."""
    # Operations stay in the order in which engine/native/interleave.py writes them.
    llvm.set_option("", "-enable-misched=false")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )


@cache
def processor() -> str:
    """Name and features of the processor that code is made for."""
    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"


@cache
def has_tables() -> bool:
    """Whether a register can serve as a table: AVX-512."""
    return bool(llvm.get_host_cpu_features().get("avx512f", False))
