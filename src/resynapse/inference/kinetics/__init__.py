"""Published concentrations beside the model's."""

from resynapse.inference.kinetics.comparison import Row, comparison
from resynapse.inference.kinetics.course import Course, course
from resynapse.inference.kinetics.judgement import Bar, bars

__all__ = ["Bar", "Course", "Row", "bars", "comparison", "course"]
