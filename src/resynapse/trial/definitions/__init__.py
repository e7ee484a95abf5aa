"""Published definitions of endpoints, each of one person's days, urines or visits."""

from resynapse.trial.definitions.library import DEFINITIONS, Definition, definition

__all__ = ["DEFINITIONS", "Definition", "definition"]
