"""What is fitted to what, one stage after the other?"""

from resynapse.inference.stages import ketamine, natural_history

__all__ = ["ketamine", "natural_history"]
