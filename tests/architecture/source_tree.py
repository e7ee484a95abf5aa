"""Which files make up the project, and how do they parse?"""

from __future__ import annotations

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "resynapse"
LINKS = (
    *("pharmacology", "receptor", "circuit", "plasticity"),
    *("pathways", "symptoms", "behaviour"),
)
LEFT_BEHIND = {"runs", "build", "dist", "__pycache__"}


@cache
def package_files() -> tuple[Path, ...]:
    """Every Python file of the package."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def python_files() -> tuple[Path, ...]:
    """Every Python file that people read: package, tests, examples."""
    folders = (ROOT / name for name in ("src", "tests", "examples", "docs"))
    return tuple(sorted(file for folder in folders for file in folder.rglob("*.py")))


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


@cache
def kept_files() -> tuple[Path, ...]:
    """What git tracks or would track; in a folder without git, all that is not left behind."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not _left_behind(file.relative_to(ROOT))]
    return tuple(sorted(file for file in files if file.is_file()))


def _left_behind(file: Path) -> bool:
    hidden = any(part.startswith(".") and part not in {".ci", ".gitignore"} for part in file.parts)
    return hidden or bool(LEFT_BEHIND & set(file.parts))


def shown(file: Path) -> str:
    return str(file.relative_to(ROOT))
