"""Does machine code load wherever memory is free?"""

import ctypes
import ctypes.util
import mmap
import subprocess
import sys

import pytest

from resynapse.engine.native import build
from resynapse.engine.native.emit import Kernel, Places, emit
from resynapse.engine.native.graph import Graph, Level

BLOCK, BLOCKS, ROOM = 4 << 30, 200, 16 * mmap.PAGESIZE
LOADS, DEEP = 4, 200
"""200 exponentials are 28 pages of code, their constants are one"""
INACCESSIBLE, NO_RESERVE = 0, 0x4000


def torn_apart():
    """Leave room for constants near the libraries, and for code 800 GiB below them only."""
    system = ctypes.CDLL(None)
    system.mmap.restype = ctypes.c_void_p
    system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    system.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE

    def take(size):
        return system.mmap(None, size, INACCESSIBLE, flags, -1, 0)

    below = min(take(BLOCK) for _ in range(BLOCKS))
    while take(ROOM) > below:
        pass
    system.munmap(below + (BLOCKS - 1) * BLOCK, mmap.PAGESIZE)


def load_again_and_again():
    graph = Graph()
    made = graph.input("x", Level.LANE)
    for _ in range(DEEP):
        made = graph.apply("exp", (made,), "f")
    code = build.machine_code(emit(graph, Kernel("one", {1: made}, 64, 32), Places({0: 0})))
    torn_apart()
    kept = [build.Loaded({"one": code}) for _ in range(LOADS)]
    return [one.address("one") for one in kept]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is torn apart by Linux's own calls")
def test_a_kernel_loads_where_free_memory_lies_in_small_pieces_far_apart():
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert all(int(word) > 0 for word in done.stdout.split())


if __name__ == "__main__":
    print(*load_again_and_again())
