"""Which designs are worth testing in a trial?

Every design of a space meets the same people in the same draws of the parameters, three times over:
as asked, where expectancy alone acts, and without a window. Designs that cannot be on the front of
benefit against burden go early (``race``). Nothing is fitted to outcomes and nothing is
interpolated: what is told of a design is what was simulated of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from resynapse.engine.cache import keep_compiled
from resynapse.engine.checkpoint import Checkpoint
from resynapse.protocol import dump
from resynapse.trial.model_hash import model_hash
from resynapse.trial.provenance import version
from resynapse.trial.search.asked import AS_ASKED, WORLDS, Asked
from resynapse.trial.search.candidate import Candidate, without_ketamine
from resynapse.trial.search.found import Answer, Found
from resynapse.trial.search.limit import ACUTE
from resynapse.trial.search.race import Race
from resynapse.trial.site_draws import mark

Listener = Callable[[float, str], None]
Arrays = dict[str, np.ndarray]
__all__ = ["Asked", "search"]


def search(asked: Asked, *, folder: Path | None = None, progress: Listener | None = None) -> Found:
    """Simulate the designs of a space, draw by draw, and say which stand out.

    What people of a draw showed is kept in ``folder``: the same call goes on from there after it
    was killed, and more draws add to it. The result depends on neither.
    """
    designs, possible, outside = asked.candidates()
    keep_compiled()
    tell = progress or (lambda done, words: None)
    burden = np.array([one.burden(asked.burden) for one in designs])
    races = {world: Race.of(burden, asked.acute, asked.draws) for world in WORLDS}
    with ExitStack() as stack:
        kept = None
        if folder is not None:
            kept = stack.enter_context(closing(Checkpoint(folder, _about(asked, designs))))
        for draw in range(asked.draws):
            for place, (world, race) in enumerate(races.items()):
                number = draw * len(WORLDS) + place
                tell(number / (asked.draws * len(WORLDS)), _words(asked, draw, race))
                _draw(asked, designs, world, race, draw, number, kept)
                race.sort(draw + 1)
    answers = {world: Answer.of(race, asked.seed) for world, race in races.items()}
    own, spread = _own_control(asked, designs, answers[AS_ASKED], tell)
    tell(1.0, "designs")
    return Found(asked, designs, possible, outside, answers, own, spread)


def _words(asked: Asked, draw: int, race: Race) -> str:
    left = len(race.staying)
    return f"draw {draw + 1} of {asked.draws}, {left} design{'s' if left != 1 else ''} left"


def _draw(
    asked: Asked, designs: list[Candidate], world: str, race: Race, draw: int, number: int,
    kept: Checkpoint | None,
) -> None:  # fmt: skip
    """One draw of the parameters: from the folder, or simulated and put there."""
    there = race.staying
    found = dict(kept.get(number)) if kept is not None and number in kept else None
    if found is None or not set(there) <= set(found["design"]):
        found = _simulated(asked, designs, world, draw, there)
        if kept is not None:
            kept.put(number, found)
    which = [list(ACUTE).index(one.name) for one in asked.acute]
    for place in np.flatnonzero(np.isin(found["design"], there)):
        gain, acute = found["gain"][place], found["acute"][place]
        race.take(int(found["design"][place]), draw, gain, acute[:, which])


def _simulated(
    asked: Asked, designs: list[Candidate], world: str, draw: int, there: np.ndarray
) -> Arrays:
    arms = [designs[k].arm for k in there]
    seen = asked.people_of.through(world, draw, arms)
    reference = next(seen)
    gain, acute = [], []
    for one in seen:
        gain.append(one.value - reference.value)
        acute.append(one.acute)
    return {"design": there, "gain": np.array(gain), "acute": np.array(acute)}


def _own_control(
    asked: Asked, designs: list[Candidate], answer: Answer, tell: Listener
) -> tuple[dict[int, np.ndarray], float]:
    """Design of the front -> [draws] what the same arm gives with saline for ketamine.

    Beside it the standard deviation between people of the reference arm, over draws.
    """
    shown = answer.shown
    arms = [without_ketamine(designs[k].arm) for k in shown]
    found: dict[int, list[float]] = {k: [] for k in shown}
    variance = []
    for draw in range(asked.draws):
        tell(0.999, f"own controls of the front, draw {draw + 1} of {asked.draws}")
        seen = asked.people_of.through(AS_ASKED, draw, arms)
        reference = next(seen).value
        variance.append(reference.var(ddof=1))
        for k, one in zip(shown, seen, strict=True):
            found[k].append(float((one.value - reference).mean()))
    own = {k: np.array(values) for k, values in found.items()}
    return own, float(np.sqrt(np.mean(variance)))


def _about(asked: Asked, designs: list[Candidate]) -> dict:
    """What decides who the people are, what becomes of them, and which designs they meet."""
    return {
        "version": version(),
        "model": model_hash(),
        "protocol": dump(asked.protocol),
        "benefit": asked.benefit,
        "designs": [(one.name, one.arm.model_dump(mode="json")) for one in designs],
        "burden": asked.burden,
        "costs": dict(asked.costs),
        "limits": [str(one) for one in asked.limits],
        "people": asked.people,
        "seed": asked.seed,
        "switches": dict(asked.switches),
        "settings": dict(asked.settings),
        "parameters": None if asked.fitted is None else asked.fitted.content,
        **mark(asked.protocol, asked.fitted),
    }
