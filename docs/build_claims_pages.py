"""Simulate what is said of ketamine and write a page a claim, docs/claims/*.md.

python docs/build_claims_pages.py                 pages from what is stored
python docs/build_claims_pages.py --run           simulate again first, some minutes
python docs/build_claims_pages.py --run NAME ...  only these claims
"""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path

from resynapse.cli.claims import as_dict, text
from resynapse.inference.claims import claim, claims, find, record
from resynapse.inference.claims.finding import DRAWS, PEOPLE, SEED, STORED
from resynapse.inference.claims.worlds import Run, Worlds

FOLDER = Path(__file__).with_name("claims")
HEAD = """# What is said of ketamine for addiction, and what is known

Each claim as people make it, a verdict that never goes beyond its studies, what the model finds
with its uncertainty, what a rival finds in which ketamine acts by expectancy alone, and what trial
would settle it. A quantity that no study has measured in people says so, and makes no verdict
stronger. Effects in severe and in mild people are compared draw by draw. Built by
`python docs/build_claims_pages.py`; `resynapse claims show NAME --run`
simulates one again.

The default run stands at the middle of what was fitted. There the window gain is zero, the early
effect is larger than its reference, and of the other contested mechanisms all are on but
`direct_trigger_only`, `norketamine` and the rival, `expectancy_only`. Draws over knowledge switch
most of them off, mostly in half of the draws. So the default can lie outside the draws' 90 %: it is
not their centre. Those 90 % are of {draws} draws, which is nearly their whole range, so that its
ends would move with other draws.

| claim | verdict |
| --- | --- |
"""


def main() -> None:
    """Write the index and a page for each claim."""
    if "--run" in sys.argv:
        simulate([name for name in sys.argv[1:] if name != "--run"])
    FOLDER.mkdir(exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")


def pages() -> dict[str, str]:
    """File name -> text."""
    rows = [f"| [{one.claim}]({one.id}.md) | {one.verdict} |" for one in claims()]
    found = {"README.md": HEAD.format(draws=DRAWS) + "\n".join(rows) + "\n"}
    return found | {f"{one.id}.md": text(one, as_dict(one)) + "\n" for one in claims()}


def simulate(names: list[str]) -> None:
    """Store the findings of every claim, or of those named, each as soon as it is there.

    With them stands the hash of the parameters they hold for.
    """
    path = Path(str(resources.files("resynapse.inference.claims") / STORED))
    kept = json.loads(path.read_text(encoding="utf-8"))
    known: dict[Run, Worlds] = {}
    for one in [claim(name) for name in names] or claims():
        kept[one.id] = record(find(one, known=known), PEOPLE, DRAWS, SEED)
        print(one.id, [row["value"] for row in kept[one.id]["findings"]], flush=True)
        known = {each.id: kept[each.id] for each in claims() if each.id in kept}
        text = json.dumps(known, indent=1, allow_nan=False) + "\n"
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
