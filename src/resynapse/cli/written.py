"""How is what a command found written to a file?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(place: Path | None, told: dict[str, Any]) -> None:
    """Whole or not at all; nothing where no place is given."""
    if place is None:
        return
    part = place.with_name(f"{place.name}.part")
    part.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    part.replace(place)
