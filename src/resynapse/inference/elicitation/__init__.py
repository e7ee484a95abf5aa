"""What do a few people believe of a quantity, as distributions that a design can use?"""

from resynapse.inference.elicitation.answers import Answers, Person, read_answers
from resynapse.inference.elicitation.belief import Belief, believed
from resynapse.inference.elicitation.pooled import Conflict, Pooled, conflict, pooled

__all__ = [
    "Answers", "Belief", "Conflict", "Person", "Pooled", "believed", "conflict", "pooled",
    "read_answers",
]  # fmt: skip
