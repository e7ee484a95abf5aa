"""What is a number's value, how sure are we, in which unit, and who says so?

Every quantity that a formula of the model uses is declared in one line::

    clearance: Scalar = parameter(LogNormal(88.8, 0.22), "L/h", sources.simons2022)

The median of the prior is the default value. ``quantile(u)`` turns a uniform number into a
draw, so that priors can be sampled with the same counter-based randomness as patients.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float
from scipy import special

from resynapse.evidence.source import Source, Status

Model = TypeVar("Model")

Scalar = Float[Array, ""] | float
"""One real number: a Python float, or a traced JAX scalar."""


@dataclass(frozen=True)
class Fixed:
    """Known by definition or by convention: no uncertainty."""

    median: float

    def quantile(self, u: float) -> float:
        return self.median

    def __str__(self) -> str:
        return "fixed"


@dataclass(frozen=True)
class Normal:
    """Normal with mean and standard deviation, in the parameter's unit."""

    median: float
    sd: float

    def quantile(self, u: float) -> float:
        return float(self.median + self.sd * special.ndtri(u))

    def __str__(self) -> str:
        return f"normal, sd {self.sd:g}"


@dataclass(frozen=True)
class LogNormal:
    """Positive; ``sd`` is that of the natural logarithm."""

    median: float
    sd: float

    def quantile(self, u: float) -> float:
        return float(self.median * math.exp(self.sd * special.ndtri(u)))

    def __str__(self) -> str:
        return f"log-normal, log sd {self.sd:g}"


@dataclass(frozen=True)
class LogitNormal:
    """Between 0 and 1; ``sd`` is that of the logit."""

    median: float
    sd: float

    def quantile(self, u: float) -> float:
        return float(special.expit(special.logit(self.median) + self.sd * special.ndtri(u)))

    def __str__(self) -> str:
        return f"logit-normal, logit sd {self.sd:g}"


@dataclass(frozen=True)
class HalfNormal:
    """Not negative; ``scale`` is the standard deviation of the unfolded normal."""

    scale: float

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    def quantile(self, u: float) -> float:
        return float(self.scale * special.ndtri(0.5 + 0.5 * u))

    def __str__(self) -> str:
        return f"half-normal, scale {self.scale:g}"


@dataclass(frozen=True)
class Beta:
    """Between 0 and 1, with the two shape parameters."""

    a: float
    b: float

    @property
    def median(self) -> float:
        return self.quantile(0.5)

    def quantile(self, u: float) -> float:
        return float(special.betaincinv(self.a, self.b, u))

    def __str__(self) -> str:
        return f"beta({self.a:g}, {self.b:g})"


@dataclass(frozen=True)
class HalfSpike:
    """A contested effect: off with probability ``1 - on``, otherwise drawn from ``slab``.

    The default run has it on, at ``reference``; the median of the prior is not the default.
    """

    slab: Normal | LogNormal | HalfNormal | Beta | LogitNormal
    reference: float
    on: float = 0.5

    @property
    def median(self) -> float:
        return self.reference

    def quantile(self, u: float) -> float:
        off = 1.0 - self.on
        return 0.0 if u < off else self.slab.quantile((u - off) / self.on)

    def __str__(self) -> str:
        return f"on with probability {self.on:g}, then {self.slab} (reference {self.reference:g})"


@dataclass(frozen=True)
class Choice:
    """One of a few values, all equally likely; ``median`` is the default."""

    values: tuple[float, ...]
    median: float

    def quantile(self, u: float) -> float:
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]

    def __str__(self) -> str:
        return "one of " + ", ".join(f"{value:g}" for value in self.values)


Prior = Fixed | Normal | LogNormal | LogitNormal | HalfNormal | Beta | HalfSpike | Choice


@dataclass(frozen=True)
class Declared:
    """What was declared about a parameter, without its value."""

    prior: Prior
    unit: str
    source: Source
    status: Status
    late: bool = False
    """declared after sets had been fitted: drawn last, so that no draw of another moves"""


@dataclass(frozen=True)
class Entry:
    """A parameter as found in a model: its path, value and declaration."""

    path: str
    value: float
    declared: Declared

    @property
    def moved(self) -> bool:
        """Whether the number is not the median of its prior, as a pack has set it."""
        return bool(self.value != self.declared.prior.median)

    def quantile(self, u: float) -> float:
        """A quantile of the prior; of a number that was set, around it, or the number itself."""
        prior, value = self.declared.prior, float(self.value)
        if not self.moved:
            return prior.quantile(u)
        if isinstance(prior, Normal) or (isinstance(prior, LogNormal) and value > 0.0):
            return dataclasses.replace(prior, median=value).quantile(u)
        return value

    def interval(self, share: float = 0.9) -> tuple[float, float]:
        """The central interval that holds this share of what is believed of the number."""
        tail = 0.5 * (1.0 - share)
        return self.quantile(tail), self.quantile(1.0 - tail)


def parameter(
    prior: Prior, unit: str, source: Source, status: Status | None = None, *, late: bool = False
) -> Any:
    """Declare a parameter in one line: uncertainty, unit, source, status."""
    declared = Declared(prior, unit, source, status or source.status, late)
    return eqx.field(default=float(prior.median), metadata={"declared": declared})


def entries(model: Any, prefix: str = "") -> Iterator[Entry]:
    """Every declared parameter in a model, depth first, in the order of declaration."""
    for field in fields(model):
        path = f"{prefix}.{field.name}" if prefix else field.name
        value = getattr(model, field.name)
        if "declared" in field.metadata:
            yield Entry(path, value, field.metadata["declared"])
        elif isinstance(value, eqx.Module):
            yield from entries(value, path)


def lookup(model: Any, path: str) -> Any:
    """The value at a dotted path."""
    for name in path.split("."):
        model = getattr(model, name)
    return model


def replace(model: Model, values: dict[str, Any]) -> Model:
    """The same model with the values at these dotted paths."""
    if not values:
        return model

    def places(tree: Any) -> list[Any]:
        return [lookup(tree, path) for path in values]

    return eqx.tree_at(places, model, list(values.values()))


def draw(model: Model, uniforms: np.ndarray) -> Model:
    """The model with every parameter drawn from its prior.

    One uniform number each, in order of declaration, then those declared ``late``.
    """
    found = sorted(entries(model), key=lambda entry: entry.declared.late)
    pairs = zip(found, uniforms, strict=True)
    return replace(model, {entry.path: entry.quantile(float(u)) for entry, u in pairs})
