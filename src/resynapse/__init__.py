"""Resynapse simulates ketamine treatment of addiction, from dose and therapy to trial result.

It is research software: it tells nobody how to dose a patient. Names are imported on first
use, so that asking for the version or for help costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resynapse import report as report
    from resynapse.evidence import studies as studies
    from resynapse.evidence import study as study
    from resynapse.exchange.draws import draws as draws
    from resynapse.exchange.draws import write_draws as write_draws
    from resynapse.exchange.run_folder import read as read_run
    from resynapse.exchange.run_folder import write as write_run
    from resynapse.input_error import InputError as InputError
    from resynapse.patient import SWITCHES as SWITCHES
    from resynapse.patient import Patient as Patient
    from resynapse.patient import parameters as parameters
    from resynapse.protocol import Arm as Arm
    from resynapse.protocol import Dose as Dose
    from resynapse.protocol import Medication as Medication
    from resynapse.protocol import Protocol as Protocol
    from resynapse.protocol import ProtocolError as ProtocolError
    from resynapse.protocol import Therapy as Therapy
    from resynapse.protocol import library as protocols
    from resynapse.protocol import load as load
    from resynapse.protocol import parse as parse
    from resynapse.report import plots as plots
    from resynapse.report import write_report as write_report
    from resynapse.report.plot import plot as plot
    from resynapse.trial.result import Result as Result
    from resynapse.trial.simulate import simulate as simulate

__version__ = "0.1.0"

_HOMES = {
    "Arm": "protocol:Arm",
    "Dose": "protocol:Dose",
    "InputError": "input_error:InputError",
    "Medication": "protocol:Medication",
    "Patient": "patient:Patient",
    "Protocol": "protocol:Protocol",
    "ProtocolError": "protocol:ProtocolError",
    "Result": "trial.result:Result",
    "SWITCHES": "patient:SWITCHES",
    "Therapy": "protocol:Therapy",
    "draws": "exchange.draws:draws",
    "load": "protocol:load",
    "parameters": "patient:parameters",
    "parse": "protocol:parse",
    "plot": "report:plot",
    "plots": "report:plots",
    "protocols": "protocol:library",
    "read_run": "exchange.run_folder:read",
    "report": "report",
    "simulate": "trial.simulate:simulate",
    "studies": "evidence:studies",
    "study": "evidence:study",
    "write_draws": "exchange.draws:write_draws",
    "write_report": "report:write_report",
    "write_run": "exchange.run_folder:write",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    """The public name, from the module it lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'resynapse' has no name {name!r}")
    home, _, attribute = _HOMES[name].partition(":")
    module = import_module(f"resynapse.{home}")
    return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return sorted(__all__)
