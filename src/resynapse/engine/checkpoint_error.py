"""What is wrong with a folder of finished work."""

from __future__ import annotations

from resynapse.input_error import InputError


class CheckpointError(InputError):
    """A folder of finished work that cannot be used, in one sentence with what to do."""
