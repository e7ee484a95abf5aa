"""Excitatory and inhibitory rates."""

from resynapse.circuit.surge import ExcitatoryInhibitoryCircuit

__all__ = [
    "ExcitatoryInhibitoryCircuit",
]
