"""What is forecast for trials that have not been read out."""

from resynapse.inference.forecasts.forecast import Foreseen, Range, foresee
from resynapse.inference.forecasts.frozen import (
    ForecastError,
    forecast_of,
    forecasts,
    record,
    write,
)
from resynapse.inference.forecasts.question import Question, Questions, pending, questions

__all__ = [
    "ForecastError",
    "Foreseen",
    "Question",
    "Questions",
    "Range",
    "forecast_of",
    "forecasts",
    "foresee",
    "pending",
    "questions",
    "record",
    "write",
]
