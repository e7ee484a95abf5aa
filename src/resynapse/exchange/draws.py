"""How do fitted parameters reach programs that read posteriors: ArviZ, Stan users, xarray?

One netCDF file with groups as ArviZ's InferenceData has them. ``posterior`` has a variable for
each parameter, by its path, over chain and draw, in the parameter's unit. ``diagnostics`` has R-hat
and effective sample size of each number that was sampled, as the fit stored them. The sampler's
chains are not kept: there is one chain, of the draws that a set keeps, and its order means nothing.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from resynapse.input_error import InputError
from resynapse.parameter import entries
from resynapse.patient import Patient
from resynapse.trial.parameter_set import CALIBRATED, FILES, PRIOR, ParameterSet, parameter_set
from resynapse.trial.provenance import as_given, version

ENDING = ".nc"
RESEARCH = "Research, not for dosing a patient."
CHAIN = (
    "One chain: the draws that the set keeps of all chains, thinned, and where a fit says so"
    " weighed anew for other studies. Their order means nothing: R-hat and effective sample size of"
    " this chain say nothing of the sampler; those of the sampler stand in the group diagnostics."
)
CUT = (
    "Stages side by side, draw by draw (a cut): a correlation between parameters of two stages is"
    " none that was fitted. In people who do not use opioids a run takes fewer of them."
)


class DrawsError(InputError):
    """Draws that there are not, or a file that they cannot be written to."""


def draws(parameters: str = CALIBRATED) -> xr.DataTree:
    """Draws of the fitted parameters: ``calibrated``, a stage, or what ``calibrate`` wrote.

    The groups are ``posterior`` (chain, draw) and ``diagnostics`` (quantity); attributes say where
    all is from and what it is not. Whatever is not in it has its prior.
    """
    if not isinstance(parameters, str | Path):
        raise DrawsError(f"{type(parameters).__name__} is no set: give {_allowed()}.")
    found = parameter_set(str(parameters))
    if found is None:
        raise DrawsError(
            f"{PRIOR} has no draws: priors are told by `resynapse parameters`. Give {_allowed()}."
        )
    groups = {"/posterior": _posterior(found), "/diagnostics": _diagnostics(found)}
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = _attributes(found, str(parameters))
    return tree


def write_draws(path: Path | str, parameters: str = CALIBRATED) -> Path:
    """Write the draws as netCDF, whole or not at all; returns where the file is."""
    target = Path(path)
    if target.suffix != ENDING:
        raise DrawsError(f"{target}: draws are written as netCDF. Give a file that ends in .nc.")
    content = bytes(draws(parameters).to_netcdf(engine="h5netcdf"))
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DrawsError(
            f"{target} could not be written ({error.strerror}). Make the folder, or give another"
            " place."
        ) from error
    return target


def _allowed() -> str:
    return f"{CALIBRATED}, {', '.join(FILES)}, or what `resynapse calibrate --output` wrote"


def _posterior(found: ParameterSet) -> xr.Dataset:
    """Draws by path, with unit, stage, source and prior."""
    known, values = {one.path: one for one in entries(Patient())}, np.array(found.draws)
    made = {}
    for place, path in enumerate(found.paths):
        declared = known[path].declared
        told = {"units": declared.unit, "stage": found.stage_of[path]}
        told |= {"prior": str(declared.prior), "source_of_prior": str(declared.source)}
        made[path] = (("chain", "draw"), values[None, :, place], told)
    at = {"chain": [0], "draw": np.arange(len(found.draws))}
    return xr.Dataset(made, coords=at, attrs={"note": CHAIN, "inference_library": "resynapse"})


def _diagnostics(found: ParameterSet) -> xr.Dataset:
    """Of every stage's sampler, by the names that numbers have there; they are no paths."""
    rows = [
        (f"{stage}: {one['name']}", stage, one["r_hat"], one["effective_sample"])
        for stage, made in _made(found).items()
        for one in made.get("diagnoses", ())
    ]
    names, stages, r_hat, sample = map(list, zip(*rows, strict=True)) if rows else ([],) * 4
    return xr.Dataset(
        {
            "r_hat": ("quantity", np.array(r_hat, float)),
            "effective_sample": ("quantity", np.array(sample, float)),
            "stage": ("quantity", np.array(stages, dtype=object)),
        },
        coords={"quantity": np.array(names, dtype=object)},
        attrs={"note": "Of the numbers that were sampled, before draws were thinned or weighed."},
    )


def _made(found: ParameterSet) -> dict[str, dict[str, Any]]:
    """Stage -> what its fit says of itself."""
    return found.made if found.origins else {", ".join(found.stages): found.made}


def _attributes(found: ParameterSet, name: str) -> dict[str, str]:
    """Where the draws are from; lists and tables as JSON, since netCDF has none."""
    told = _made(found)
    return {
        "title": "Draws of fitted parameters of Resynapse", "notice": RESEARCH,
        "note": f"{CHAIN} {CUT}" if found.origins else CHAIN,
        "resynapse": version(), "parameters": as_given(name),
        "stages": json.dumps(found.stages), "studies": json.dumps(found.studies),
        "model_sha256": found.model, "data_sha256": found.data, "content_sha256": found.content,
        "quick": json.dumps(found.quick),
        "fits": json.dumps({
            stage: {key: one.get(key) for key in FIT if key in one} for stage, one in told.items()
        }),
    }  # fmt: skip


FIT = ("version", "date", "command", "seed", "simulated_draws", "divergences", "probability_on")
"""What is told of each fit"""
