"""How is something recorded beside what every run records?"""

from __future__ import annotations

from typing import Any

import equinox as eqx

from resynapse.patient.model import Model


class Observed(eqx.Module):
    """The chain as the engine sees it; a subclass says with ``observe`` what is recorded."""

    model: Model

    def __getattr__(self, name: str) -> Any:
        if name == "model":
            raise AttributeError(name)
        return getattr(self.model, name)
