"""Placeholder until the packs arrive."""


def apply(patient, name):
    return patient
