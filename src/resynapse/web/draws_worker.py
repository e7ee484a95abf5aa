"""What does the process do that draws parameters? python -m resynapse.web.draws_worker < asked"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np

from resynapse.web.queue.worker import limit
from resynapse.web.report_worker import POLITE, exit_code

LENGTH_BYTES = 8


def draws(asked: dict[str, Any]) -> Iterator[dict[str, np.ndarray]]:
    """One draw of the parameters after another, as ``resynapse run --draws`` makes them."""
    from resynapse.engine.cache import keep_compiled
    from resynapse.protocol import from_data
    from resynapse.trial.draw_courses import one_draw_over_time
    from resynapse.trial.fitted import fitted_at
    from resynapse.trial.hypothesis import hypothesis
    from resynapse.trial.parameter_set import middle

    protocol = from_data(asked["protocol"], "The programme")
    keep_compiled()
    fitted, under = fitted_at(asked["parameters"], protocol), hypothesis(protocol)
    patient = under.of(middle(protocol.disorder, fitted))
    for number in range(asked["draws"]):
        yield one_draw_over_time(protocol, patient, asked["seed"], number, under.fixed, fitted)


def put(arrays: Mapping[str, np.ndarray], stream: IO[bytes]) -> None:
    """Write one draw: how many bytes, and then these."""
    body = io.BytesIO()
    np.savez(body, names=np.array(list(arrays), str), **_numbered(arrays))  # type: ignore[arg-type]
    stream.write(len(body.getvalue()).to_bytes(LENGTH_BYTES, "little") + body.getvalue())
    stream.flush()


def taken(stream: IO[bytes]) -> dict[str, np.ndarray] | None:
    """Read one draw; None where there is no more."""
    head = stream.read(LENGTH_BYTES)
    size = int.from_bytes(head, "little")
    body = stream.read(size) if len(head) == LENGTH_BYTES else b""
    if len(head) < LENGTH_BYTES or len(body) < size:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as read:
        names = read["names"].tolist()
        return {name: read[f"a{k}"] for k, name in enumerate(names)}


def _numbered(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Names of arms may be no names of files, so arrays are numbered."""
    return {f"a{k}": values for k, values in enumerate(arrays.values())}


def work() -> None:
    """Read what is asked, write draw after draw; end where the server is there no more."""
    parent = os.getppid()
    for one in draws(json.load(sys.stdin.buffer)):
        if os.getppid() != parent:
            break
        put(one, sys.stdout.buffer)


if __name__ == "__main__":
    limit(polite=POLITE)
    sys.exit(exit_code(work, sys.stderr.buffer))
