"""What is fitted to what, one stage after the other?"""

from resynapse.inference.stages import ketamine, medications, natural_history

__all__ = ["ketamine", "medications", "natural_history"]
