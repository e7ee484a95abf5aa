"""What do people do over time, before somebody asks for a labelled dataset of it?

xarray loads what it finds installed beside it, Dask too, when the first dataset is made. So none is
made before somebody looks at one: a first picture and a short command do without.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    import xarray as xr

PERCENTILES = (10, 50, 90)


@dataclass(frozen=True)
class Courses:
    """Percentiles over people, of some quantities, by arm and time."""

    arms: tuple[str, ...]
    axis: str
    """name of the times: minute or day"""
    times: np.ndarray
    unit: str
    """of the times"""
    values: dict[str, np.ndarray]
    """quantity -> [arms, times, percentiles]"""
    about: dict[str, dict[str, str]]
    """quantity -> its unit and long name"""
    unnamed: bool = False
    """whether the only arm goes without a name in the dataset"""

    def alone(self) -> Courses:
        """The same of the only arm, which goes without a name."""
        return replace(self, unnamed=True)

    def some(self, names: Collection[str]) -> Courses:
        """Those of these quantities that are there."""
        return replace(self, values={n: v for n, v in self.values.items() if n in names})

    def course(self, name: str, arm: str | None, percentile: int) -> np.ndarray:
        """One quantity of one arm, or of the only one, at all times."""
        place = 0 if arm is None else self.arms.index(arm)
        return self.values[name][place, :, PERCENTILES.index(percentile)]

    def dataset(self) -> xr.Dataset:
        """With labels and units: arm, time, percentile."""
        import xarray as xr

        dimensions = (*(() if self.unnamed else ("arm",)), self.axis, "percentile")
        variables = {
            name: (dimensions, one[0] if self.unnamed else one, self.about[name])
            for name, one in self.values.items()
        }
        coordinates: dict[str, Any] = {} if self.unnamed else {"arm": list(self.arms)}
        coordinates[self.axis] = (self.axis, self.times, {"units": self.unit})
        coordinates["percentile"] = list(PERCENTILES)
        return xr.Dataset(variables, coords=coordinates)


class Late:
    """A field of a record that may be given as ``Courses``: a dataset once somebody looks."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, record: Any, given: xr.Dataset | Courses) -> None:
        vars(record)[self._name] = given

    def __get__(self, record: Any, owner: type | None = None) -> xr.Dataset:
        if record is None:  # asked of the class: the field has no usual value
            raise AttributeError(self._name)
        found = vars(record)[self._name]
        if isinstance(found, Courses):
            found = vars(record)[self._name] = found.dataset()
        return found
