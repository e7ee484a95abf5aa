"""In which order are operations written, so that a processor waits less for their results?

Written one after another, each operation of exp waits for the one before. List scheduling puts
independent chains beside each other: at every turn of a clock the operation goes first from which
the longest chain hangs, among those whose operands are there. Only a window of so many operations
is looked at, or too many results would wait for their use at once and leave the registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from llvmlite import ir

WINDOW = 400
"""operations looked at; 250 and 600 gave kernels 12 % and 16 % slower"""
AT_ONCE = 2
"""operations that begin in one turn of the clock"""
_ARITHMETIC = 4
_TURNS = {
    "getelementptr": 0, "bitcast": 0, "shufflevector": 0, "add": 1, "shl": 1, "store": 1,
    "load": 5, "fdiv": 13,
}  # fmt: skip
"""turns of the clock until a result is there, where it is not as for arithmetic"""


def interleave(block: ir.Block) -> None:
    """Write the operations of a block in a better order; stores stay behind loads before them."""
    bound = (ir.PhiInstr, ir.Branch, ir.Ret)
    free = [op for op in block.instructions if not isinstance(op, bound)]
    head = [op for op in block.instructions if isinstance(op, ir.PhiInstr)]
    tail = [op for op in block.instructions if isinstance(op, bound[1:])]
    block.instructions[:] = [*head, *(free[k] for k in _Schedule(free).order()), *tail]


class _Schedule:
    """Operations, what each waits for, and how long a chain hangs from it."""

    def __init__(self, operations: list[ir.Instruction]) -> None:
        many = len(operations)
        self.turns = [_TURNS.get(op.opname, _ARITHMETIC) for op in operations]
        self.users: list[list[int]] = [[] for _ in range(many)]
        self.missing = [0] * many
        for k, needs in enumerate(_needs(operations)):
            self.missing[k] = len(needs)
            for need in needs:
                self.users[need].append(k)
        self.chain = list(self.turns)
        for k in reversed(range(many)):
            self.chain[k] += max((self.chain[user] for user in self.users[k]), default=0)

    def order(self) -> Iterator[int]:
        """Numbers of the operations as they are to be written."""
        many, now, begun, first = len(self.turns), 0, 0, 0
        done, there = [False] * many, [0] * many
        coming = [(0, k) for k in range(many) if not self.missing[k]]
        beyond: list[int] = []
        ready: list[tuple[int, int]] = []
        while first < many:
            while coming and coming[0][0] <= now:
                heappush(beyond, heappop(coming)[1])
            while beyond and beyond[0] < first + WINDOW:
                k = heappop(beyond)
                heappush(ready, (-self.chain[k], k))
            if not ready or begun == AT_ONCE:
                now, begun = now + 1, 0
                continue
            k = heappop(ready)[1]
            yield k
            begun, done[k] = begun + 1, True
            while first < many and done[first]:
                first += 1
            for user in self.users[k]:
                self.missing[user] -= 1
                there[user] = max(there[user], now + self.turns[k])
                if not self.missing[user]:
                    heappush(coming, (there[user], user))


def _needs(operations: list[ir.Instruction]) -> Iterator[set[int]]:
    """For each operation, those that must come before it."""
    place = {id(op): k for k, op in enumerate(operations)}
    loads: list[int] = []
    stored: set[int] = set()
    for k, op in enumerate(operations):
        needs = {place[id(x)] for x in op.operands if id(x) in place}
        if op.opname == "store":
            needs |= stored.union(loads)
            loads, stored = [], {k}
        elif op.opname == "load":
            needs |= stored
            loads.append(k)
        yield needs
