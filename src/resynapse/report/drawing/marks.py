"""The few shapes that every chart is made of, as text of the SVG format."""

from __future__ import annotations

import re

import numpy as np
from markupsafe import escape

from resynapse.report.drawing.simplify import simplify

NO_TENTHS, NO_SIGN = re.compile(r"\.0(?=[ L]|$)"), re.compile(r"-0(?=[ L]|$)")


def rounded(value: float) -> str:
    """A coordinate to a tenth of a pixel, shortest form."""
    short = f"{value:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def corners(points: np.ndarray) -> str:
    """Coordinates of a polyline, each as ``rounded`` writes it."""
    written = "L".join(["%.1f %.1f"] * len(points)) % tuple(np.ravel(points).tolist())
    return NO_SIGN.sub("0", NO_TENTHS.sub("", written))


def path(x: np.ndarray, y: np.ndarray) -> str:
    """A polyline's ``d``; broken where a value is missing."""
    pieces = []
    known = np.isfinite(x) & np.isfinite(y)
    for run in _runs(known):
        points = simplify(np.column_stack([x[run], y[run]]))
        pieces.append(f"M{corners(points)}")
    return "".join(pieces)


def curve(x: np.ndarray, y: np.ndarray, css: str) -> str:
    """A line."""
    return f'<path class="{css}" d="{path(x, y)}"/>'


def area(x: np.ndarray, low: np.ndarray, high: np.ndarray, css: str) -> str:
    """The band between two curves."""
    known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
    upper = simplify(np.column_stack([x[known], high[known]]))
    lower = simplify(np.column_stack([x[known], low[known]]))[::-1]
    if len(upper) == 0:
        return ""
    return f'<path class="band {css}" d="M{corners(np.vstack([upper, lower]))}Z"/>'


def rule(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    ends = (rounded(x1), rounded(y1), rounded(x2), rounded(y2))
    return '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>'.format(css, *ends)


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    """Words; ``anchor`` says which end stands at x."""
    kind = f' class="{css}"' if css else ""
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{kind} x="{rounded(x)}" y="{rounded(y)}"{place}>{escape(words)}</text>'


def diamond(x: float, y: float, css: str) -> str:
    """A published outcome."""
    return f'<path class="pub {css}" d="M{rounded(x)} {rounded(y - 5)}l5 5l-5 5l-5-5z"/>'


def circle(x: float, y: float, css: str) -> str:
    """A measured concentration."""
    return f'<circle class="pub {css}" cx="{rounded(x)}" cy="{rounded(y)}" r="4"/>'


def triangle(x: float, y: float) -> str:
    """A dose, pointing down at its time."""
    return f'<path class="dose" d="M{rounded(x - 4)} {rounded(y - 7)}h8l-4 6z"/>'


def block(x: float, y: float, width: float, height: float, css: str) -> str:
    """A filled rectangle."""
    size = (rounded(x), rounded(y), rounded(width), rounded(height))
    return '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>'.format(css, *size)


def _runs(known: np.ndarray) -> list[np.ndarray]:
    places = np.flatnonzero(known)
    if len(places) == 0:
        return []
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
