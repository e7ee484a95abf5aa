"""Published concentrations beside the model's."""

from resynapse.inference.kinetics.comparison import Row, comparison
from resynapse.inference.kinetics.course import Course, course
from resynapse.inference.kinetics.judgement import TWOFOLD, Bar, bars
from resynapse.inference.kinetics.kept import as_stored, stored

__all__ = [
    "TWOFOLD", "Bar", "Course", "Row", "as_stored", "bars", "comparison", "course", "stored",
]  # fmt: skip
