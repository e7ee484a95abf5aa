"""What is fitted to what, one stage after the other?"""

from resynapse.inference.stages import ketamine

__all__ = ["ketamine"]
