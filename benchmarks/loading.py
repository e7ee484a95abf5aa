"""What do the help, the import of a protocol and the one page cost, beside what they rest on?

python benchmarks/loading.py [--repeats 15]

Prints the median of processor seconds of whole processes, taken in turn so that a change of the
machine's rate meets all alike, and each as a ratio to its peer: the library loaded alone.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
from pathlib import Path

PYTHON = [sys.executable]
PAGE = Path(__file__).parents[1] / "examples" / "whole_chain_on_one_page.py"
PROCESSES = {
    "typer's help alone": ["-c", "import typer, typer.rich_utils"],
    "resynapse --help": ["-m", "resynapse", "--help"],
    "pydantic alone": ["-c", "import pydantic; pydantic.create_model('One', x=(int, 1))"],
    "import resynapse.protocol": ["-c", "import resynapse.protocol"],
    "numpy alone": ["-c", "import numpy"],
    "the whole chain on one page": [str(PAGE)],
}
PEER = {
    "resynapse --help": "typer's help alone",
    "import resynapse.protocol": "pydantic alone",
    "the whole chain on one page": "numpy alone",
}


def processor_seconds(command: list[str]) -> float:
    """What one process spends, of the user's and of the system's time together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--repeats", type=int, default=15)
    repeats = asked.parse_args().repeats
    spent: dict[str, list[float]] = {name: [] for name in PROCESSES}
    for _ in range(repeats):
        for name, words in PROCESSES.items():
            spent[name].append(processor_seconds(PYTHON + words))
    middle = {name: statistics.median(values) for name, values in spent.items()}
    for name, seconds in middle.items():
        beside = f", {seconds / middle[PEER[name]]:.2f} x {PEER[name]}" if name in PEER else ""
        print(f"{name}: {seconds:.3f} s ({min(spent[name]):.3f} to {max(spent[name]):.3f}){beside}")


if __name__ == "__main__":
    main()
