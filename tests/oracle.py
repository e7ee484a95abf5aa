"""What R says: the answer that an R package gives to the same question, as Python values."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from agreement import ask
from missing import IN_CI, is_missing

WANTED = "RESYNAPSE_R"
"""Set to "required" to let a test without R fail, as under CI, and not be skipped."""


def in_r(script: str, **given: Any) -> Any:
    """The value of the last expression of `script`, in which each of `given` is a variable.

    Lists of numbers arrive in R as vectors, lists of records as data frames; what R returns comes
    back through JSON with 15 digits, scalars as scalars. Without R the test is skipped with a
    word, or fails under CI.
    """
    if shutil.which("Rscript") is None:
        reason = "R is not installed: on Debian, the packages that .ci/run names."
        is_missing(reason, required=IN_CI or os.environ.get(WANTED) == "required")
    ask(script)
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", PROGRAM, json.dumps(given), script],
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode != 0:
        pytest.fail(f"R stopped: {done.stderr.strip()[-1000:]}")
    return json.loads(done.stdout.rsplit(MARK, 1)[1])


MARK = "resynapse-answer:"

PROGRAM = f"""
arguments <- commandArgs(trailingOnly = TRUE)
given <- jsonlite::fromJSON(arguments[[1]])
for (name in names(given)) assign(name, given[[name]])
answer <- suppressMessages(eval(parse(text = arguments[[2]])))
cat("{MARK}", jsonlite::toJSON(answer, digits = NA, auto_unbox = TRUE), sep = "")
"""
