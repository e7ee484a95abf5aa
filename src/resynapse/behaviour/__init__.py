"""Use, its beginning and end, treatment and belief."""

from resynapse.behaviour.bout import StopHazard
from resynapse.behaviour.daily_life import DailyLife
from resynapse.behaviour.expectancy import ArmsFelt, Expectancy, Guess
from resynapse.behaviour.experience import Experience
from resynapse.behaviour.history import HistoryState, UseHistory
from resynapse.behaviour.lapse import LapseHazard, Temptation
from resynapse.behaviour.overdose import Overdose
from resynapse.behaviour.retention import Attendance, DropOut, MedicationStop, Staying

__all__ = [
    "ArmsFelt",
    "Attendance",
    "DailyLife",
    "DropOut",
    "Expectancy",
    "Experience",
    "Guess",
    "HistoryState",
    "LapseHazard",
    "MedicationStop",
    "Overdose",
    "Staying",
    "StopHazard",
    "Temptation",
    "UseHistory",
]
