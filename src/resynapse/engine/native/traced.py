"""What of a model is traced into kernels, each for one patient?"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax

from resynapse.engine import driven_path, random, stepper
from resynapse.engine import noise as chance
from resynapse.engine.driven import Way


@jax.tree_util.register_pytree_node_class
class Once:
    """A system whose flow is traced once for all instants that look alike.

    A step asks for it several times, and each of six kernels takes a step. Where numbers are given
    that are known, such as no drug at all, they are kept from being traced. A copy made by way of
    its leaves is the system itself.
    """

    def __init__(self, system: Any) -> None:
        self._system = system

    def __getattr__(self, name: str) -> Any:
        if name == "_system":
            raise AttributeError(name)
        return getattr(self._system, name)

    def flow(self, *given: Any) -> Any:
        """As the system says."""
        known = not all(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves(given))
        return (_flow if known else _flow_once)(self._system, *given)

    def tree_flatten(self) -> tuple[tuple[Any], None]:
        """The system is all that it consists of."""
        return (self._system,), None

    @staticmethod
    def tree_unflatten(_: None, children: tuple[Any]) -> Any:
        """The system itself."""
        return children[0]


def _flow(system, *given):
    return system.flow(*given)


_flow_once = jax.jit(_flow)


def begin(system, arm, person, seed):
    return system.begin(arm, person, seed)


def observe(system, person, arm, lane, amounts):
    return system.observe(person, arm, lane, amounts)


def advance(system, person, arm, lane, ends, step, part):
    return stepper.advance(Once(system), person, arm, lane, ends, _moment(step), *part)


def advance_beside(system, person, arm, lane, ends, step, part, way):
    begin, length = part
    return stepper.advance_beside(
        Once(system), person, arm, lane, ends, _moment(step), begin, length, _way(way)
    )


def whole_beside(system, person, arm, lane, ends, step, way):
    moment = _moment(step)
    return stepper.advance_beside(
        Once(system), person, arm, lane, ends, moment, 0.0, moment.step, _way(way)
    )


def _way(values):
    half = len(values) // 2
    return Way(values[:half], values[half:])


def driven(system, person, arm, lane, step):
    return driven_path.driven_values(system, person, arm, lane, _moment(step))


def driven_piece(system, person, arm, lane, ends, step, values, singles):
    (until, left), moment = singles, _moment(step)
    taken = driven_path.driven_reach(system, person, arm, lane, moment, values, left)
    begin = until - left / moment.step
    way = driven_path.driven_way(system, person, arm, lane, ends, moment, values, begin, taken)
    return [*way.middle, *way.end], taken


def whole(system, person, arm, lane, ends, step):
    return stepper.whole_step(Once(system), person, arm, lane, ends, _moment(step))


def whole_driven(system, person, arm, lane, ends, step):
    return stepper.whole_driven_step(Once(system), person, arm, lane, ends, _moment(step))


def goal(lane, step, begin):
    return stepper.piece_end(lane, _moment(step), begin)


def _moment(step):
    return stepper.Moment(step["time"], step["step"], step["last_knot"], step["around"])


def over_knot(system, person, lane, step, seed):
    noise = chance.next_knot(
        lane.noise, system.noise_law(), seed, random.word(person.key), system.noise_purposes,
        random.word(step["knot"]), step["time"],
    )  # fmt: skip
    return eqx.tree_at(lambda x: x.noise, lane, noise)


def inflow(system, person, lane, step):
    return tuple(
        system.inflow(b, person, lane, step["infusion"][b], step["infusion_rule"])
        for b in range(step["infusion"].shape[0])
    )


def fire(system, seed, person, lane, which, now):
    return stepper.fire(system, seed, person, lane, which, now)


def happen(system, person, arm, seed, lane, amounts, node):
    return system.happen(person, arm, seed, lane, amounts, node)


def peaks(system, person, lane, amounts):
    return system.peaks(person, lane, amounts)


def day(system, lane):
    return system.day(lane)
