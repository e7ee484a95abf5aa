"""What may a back end keep from one run for the next, so that nothing is done twice?"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple, Protocol


class Memory(Protocol):
    """What was kept, by what it depends on; a thing has its size in ``nbytes``."""

    def there(self, key: Hashable) -> Any:
        """The thing of this key, or None."""
        ...

    def keep(self, key: Hashable, thing: Any) -> None:
        """Keep it; others may go."""
        ...


class Again(NamedTuple):
    """A run that may begin where an earlier one, the same until then, came by."""

    memory: Memory
    early: Any
    """the arm, with any number in place of those on which nothing depends before ``segment``"""
    segment: int
