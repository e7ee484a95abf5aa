"""How is a person told that what they gave cannot be used?"""

from __future__ import annotations


class InputError(Exception):
    """What was given, what is allowed and on whose authority, and what to do, in one message.

    Every refusal of the package is one: on the command line it is printed and the exit code is 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
