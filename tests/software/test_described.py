"""Are kernels taken for the same just where the same would be written?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from resynapse.engine.native import blueprint, build
from resynapse.engine.native.described import described
from resynapse.engine.native.emit import Kernel, Places, emit
from resynapse.engine.native.graph import Graph, Level
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from software.few_people import PROTOCOL

KERNEL = Kernel("one", {7: 0, 8: 0}, 64, 16)


def written(
    constant: object = 2.0, operation: str = "mul", rows: tuple[int, int] = (0, 1),
    level: Level = Level.RUN, turned: bool = False, before: int = 0, **how: object,
) -> tuple[str, str]:  # fmt: skip
    """Key and text of a kernel of two results; ``before`` things that nobody needs come first."""
    graph = Graph()
    for k in range(before):
        graph.apply("exp", (graph.input(f"other {k}", Level.LANE),), "f")
    x, y = (graph.input(name, Level.LANE) for name in "xy")
    rate = graph.input("rate", level)
    product = graph.apply(operation, (x, graph.apply("exp", (y,), "f")), "f")
    total = graph.apply(
        "sub", (graph.apply("mul", (product, rate), "f"), graph.constant(constant)), "f"
    )
    outputs = {7: product, 8: total}
    kernel = replace(KERNEL, outputs=dict(reversed(outputs.items())) if turned else outputs, **how)
    places = Places({x: rows[0], y: rows[1]} | ({rate: 2} if level == Level.PATIENT else {}))
    key = described(graph, kernel, places)
    entries = dict(places.run), dict(places.step)
    text = str(emit(graph, kernel, places))
    assert entries == (places.run, places.step)
    return key, text


OTHERS: dict[str, dict[str, object]] = {
    "constant": {"constant": 3.0},
    "sign of nothing": {"constant": -0.0},
    "no number": {"constant": float("nan")},
    "operation": {"operation": "add"},
    "rows": {"rows": (1, 0)},
    "from step to step": {"level": Level.STEP},
    "from person to person": {"level": Level.PATIENT},
    "order of results": {"turned": True},
    "name": {"name": "two"},
    "columns": {"columns": 128},
    "people at once": {"vector": 8},
    "bits": {"single": True},
    "written at once": {"apart": True},
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_written_otherwise_has_another_key(other):
    key, text = written()
    another, otherwise = written(**OTHERS[other])

    assert text != otherwise
    assert key != another


def test_what_stands_elsewhere_in_a_model_is_written_alike_and_has_the_same_key():
    assert written() == written(before=5)


def test_another_version_of_what_writes_or_another_processor_has_another_key(monkeypatch):
    key, _ = written()
    monkeypatch.setattr("resynapse.engine.native.described._writers", lambda: "another")
    other, _ = written()
    monkeypatch.setattr(build, "processor", lambda: "another")

    assert len({key, other, written()[0]}) == 3


def test_a_model_is_not_written_again_where_it_is_the_same_and_gives_the_same_bits(
    tmp_path, monkeypatch
):
    protocol = parse(PROTOCOL, "few")
    arm, wrote = protocol.arm("none"), []

    def noted(graph, kernel, places):
        wrote.append(kernel.name)
        return emit(graph, kernel, places)

    def records():
        monkeypatch.setattr(blueprint, "_ready", {})
        conduct = Conduct(protocol, Patient(), 3)
        (chunk,) = conduct.chunks(arm, unknown_arms(protocol, arm), 16)
        return chunk.records

    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    monkeypatch.setattr(blueprint, "emit", noted)
    first, once = records(), list(wrote)
    for file in (tmp_path / "native").glob("*"):
        if file.read_bytes()[32:33] == b"\x80":  # pickled: all of the model, as it is kept whole
            file.unlink()

    assert np.array_equal(records(), first)
    assert once and wrote == once
