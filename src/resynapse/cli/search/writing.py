"""What does a search leave in its folder?"""

from __future__ import annotations

import csv
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resynapse.input_error import InputError

if TYPE_CHECKING:
    from resynapse.trial.search import Asked, Found


def write(found: Found, protocol: str, folder: Path) -> None:
    """Report, picture, a row a design, and everything as JSON."""
    from resynapse import __version__
    from resynapse.report import search

    date = datetime.now(UTC).strftime("%Y-%m-%d")
    told = search.Told(found, command(found.asked, protocol), __version__, date)
    try:
        (folder / "report.html").write_text(search.render(told), encoding="utf-8")
        (folder / "front.svg").write_text(search.picture(told), encoding="utf-8")
        text = json.dumps(found.as_dict(), allow_nan=False)
        (folder / "search.json").write_text(text + "\n", encoding="utf-8")
        _write_rows(list(rows(found)), folder / "designs.csv")
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); free it and give the same command "
            "again: finished draws are kept."
        ) from error


def rows(found: Found) -> list[dict[str, Any]]:
    """One flat row a design."""
    return [_flat(one) for one in found.as_dict()["designs"]]


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    plain = {k: v for k, v in one.items() if not isinstance(v, dict | list) and k != "of_ketamine"}
    plain["of_ketamine"] = one["of_ketamine"] and one["of_ketamine"]["value"]
    plain |= {name: " ".join(f"{d:g}" for d in one[name]) for name in ("days", "session_days")}
    for world in ("default", "expectancy alone", "no window"):
        told, head = one[world], world.replace(" ", "_")
        plain |= {f"{head}_benefit_{k}": v for k, v in told["benefit"].items()}
        plain[f"{head}_draws"], plain[f"{head}_left"] = told["draws"], told["left"]
    told = one["default"]
    for limit in told["limits"]:
        plain[f"{limit['name']}_probability"] = limit["probability"]
        plain[f"{limit['name']}_error"] = limit["error"]
    for name in ("on_front", "front_share", "best_share", "best_in_draw", "told_from_best"):
        plain[name] = told.get(name)
    return plain


def _write_rows(found: list[dict[str, Any]], place: Path) -> None:
    with place.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)


def command(asked: Asked, protocol: str) -> str:
    """What to type to search again."""
    from resynapse.trial.provenance import as_given

    words = ["resynapse", "search", as_given(protocol), "--arm", asked.start.id]
    words += ["--benefit", asked.benefit]
    for name, values in asked.space.items():
        words += ["--vary", f"{name}={','.join(f'{v:.12g}' for v in values)}"]
    for one in asked.limits:
        share = "" if one.probability is None else f"@{one.probability:.12g}"
        words += ["--limit", f"{one.name}={one.value:.12g}{share}"]
    for name, cost in asked.costs.items():
        words += ["--cost", f"{name}={cost:.12g}"]
    words += ["--burden", asked.burden, "--designs", str(asked.designs)]
    words += ["--draws", str(asked.draws), "--people", str(asked.people), "--seed", str(asked.seed)]
    for name, on in asked.switches.items():
        words += ["--switch", f"{name}={'on' if on else 'off'}"]
    for path, number in asked.settings.items():
        words += ["--set", f"{path}={number!r}"]
    words += ["--parameters", as_given(asked.parameters)]
    return shlex.join(words)
