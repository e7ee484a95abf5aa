"""Write docs/oracles.md: how near the package's analyses and designs come to those of R.

python docs/build_oracles_page.py    runs the tests that ask R, some two minutes, and writes it
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
ROOT, PAGE = DOCS.parent, DOCS / "oracles.md"
FOLDERS = {
    "tests/analysis": "Analyses",
    "tests/design": "Designs",
    "tests/power": "Trials that are played out",
}
WORDS = {
    "rpact": ("rpact",),
    "cmprsk": ("cmprsk",),
    "MASS": ("glm_nb",),
    "brglm2": ("firth",),
    "geepack": ("geepack",),
    "coin": ("coin",),
    "survival": ("coxph", "survdiff", "survfit", "survreg", "cox_zph"),
    "pbkrtest": ("pbkrtest",),
    "lmerTest": ("lmertest",),
    "emmeans": ("emmeans",),
    "stats": ("of_glm", "holm", "shares", "integral", "sum_over", "welchs", "of_lm", "t_test"),
}
"""R package -> words in the name of a test that compares with it, the first that fits; a test
without such a word is compared with all that its file asks"""
VERSIONS = """
for (p in c("survival", "cmprsk", "nlme", "lme4", "lmerTest", "pbkrtest", "MASS", "brglm2",
            "emmeans", "geepack", "coin", "rpact")) cat(p, as.character(packageVersion(p)), "\\n")
cat("R", as.character(getRversion()), "\\n")
"""
OPENING = """# How near do the numbers come to R's?

Every comparison with R that the tests make, one line a test, its name as it stands.
`python docs/build_oracles_page.py` runs them and writes this page. *Largest difference* is that of
any number compared, as it stands and as a share of the largest number that it was compared with;
*allowed* is the widest tolerance of the test.
"""
CLOSING = """

What has no package to be compared with is held to published tables (bounds of Jennison and
Turnbull, of Reboussin and others; RBesT's example), closed forms or simulation:
[analyse.md](analyse.md), [design.md](design.md) and [power.md](power.md) name which.
"""


def lines() -> list[dict]:
    """Every comparison, from the tests that hold one."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "agreement.jsonl"
        words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *asking()]
        here = {**os.environ, "RESYNAPSE_AGREEMENT": str(place), "RESYNAPSE_R": "required"}
        subprocess.run(words, cwd=ROOT, env=here, check=True)
        return [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()]


def asking() -> list[str]:
    """The files of tests that ask R."""
    files = (one for folder in FOLDERS for one in sorted((ROOT / folder).glob("test_*.py")))
    return [str(one.relative_to(ROOT)) for one in files if "in_r(" in one.read_text("utf-8")]


def by_test(found: list[dict]) -> dict[str, list[dict]]:
    """The comparisons of each test, all its cases together."""
    tests: dict[str, list[dict]] = {}
    for line in found:
        tests.setdefault(line["test"].partition("[")[0], []).append(line)
    return tests


def table(tests: dict[str, list[dict]], folder: str) -> Iterator[str]:
    """A row a test."""
    yield "| what is compared | R | numbers | largest difference | relative | allowed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for test, compared in tests.items():
        if not test.startswith(folder):
            continue
        apart = max(line["apart"] for line in compared)
        share = max(line["apart"] / line["size"] for line in compared if line["size"] > 0)
        said = test.partition("::test_")[2].replace("_", " ")
        numbers = sum(line["numbers"] for line in compared)
        yield (
            f"| {said} | {oracle(test, compared[0]['packages'])} | {numbers} | {apart:.0e} | "
            f"{share:.0e} | {allowed(compared)} |"
        )


def oracle(test: str, packages: list[str]) -> str:
    """The packages that a test is compared with."""
    named = (name for name, words in WORDS.items() if any(word in test for word in words))
    return next(named, ", ".join(packages))


def allowed(compared: list[dict]) -> str:
    """The widest tolerance; relative by default, as pytest has it."""
    absolute = max((line["abs"] for line in compared if "abs" in line), default=None)
    relative = [line.get("rel", 1e-6) for line in compared if "abs" not in line]
    parts = [f"{absolute:.0e}"] if absolute is not None else []
    parts += [f"{max(relative):.0e} of it"] if relative else []
    return ", ".join(parts)


def page(found: list[dict], versions: str) -> str:
    """The whole page."""
    tests = by_test(found)
    parts = [OPENING]
    for folder, name in FOLDERS.items():
        parts += [f"## {name}\n", *table(tests, folder), ""]
    numbers = sum(line["numbers"] for line in found)
    parts.append(f"{numbers:,} numbers in {len(tests)} tests, with {versions}.{CLOSING}")
    return "\n".join(parts).rstrip() + "\n"


def versions() -> str:
    """R and the packages that were asked."""
    said = subprocess.run(
        ["Rscript", "--vanilla", "-e", VERSIONS], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in said.splitlines() if line.strip()]
    return ", ".join(f"{name} {version}" for name, version in [rows[-1], *rows[:-1]])


if __name__ == "__main__":
    PAGE.write_text(page(lines(), versions()), encoding="utf-8")
