"""Checks of the fit of ketamine, as they were last run and kept."""

from resynapse.inference.fit_checks.stored import BESIDE, CHECK, SHORT, earlier, stamped, stored

__all__ = ["BESIDE", "CHECK", "SHORT", "earlier", "stamped", "stored"]
