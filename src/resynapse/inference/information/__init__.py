"""What is a planned trial expected to tell of which mechanisms act?"""

from resynapse.inference.information.planned import Planned, of_arms, planned
from resynapse.inference.information.preposterior import Told, told

__all__ = ["Planned", "Told", "of_arms", "planned", "told"]
