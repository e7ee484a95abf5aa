"""The window in which learning is easier."""

from resynapse.plasticity.window import LearningGain, PlasticityWindow, WindowState

__all__ = [
    "LearningGain",
    "PlasticityWindow",
    "WindowState",
]
