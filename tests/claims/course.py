"""How do tests follow one typical person through the chain, without chance?

Use and abstinence are given, not drawn; kinetics are exact; every other state is stepped by the
exponential midpoint rule through ``Model.flow`` on the engine's own grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree
from scipy.linalg import expm

from claims.ketamine_course import Linear, linear
from resynapse.behaviour.expectancy import ArmsFelt
from resynapse.engine.schedule import Edge, time_grid
from resynapse.engine.stepper import Moment
from resynapse.patient import ArmSetting, Patient, Person
from resynapse.patient.chain import Acute, Flow
from resynapse.patient.model import Around, Model
from resynapse.patient.state import Amounts, Marks, State
from resynapse.pharmacology import ketamine
from resynapse.pharmacology.benzodiazepine import midazolam
from resynapse.pharmacology.ketamine import KetamineDisposition, r_ketamine, s_ketamine
from resynapse.pharmacology.opioid_medication import (
    MedicationAmount,
    OpioidMedication,
    no_medication,
)
from resynapse.pharmacology.opioid_medication import zero as no_amount
from resynapse.pharmacology.route import bioavailable, split
from resynapse.receptor.mu_opioid import Occupancy
from resynapse.system import relaxed

WEIGHT_KG = 70.0
HOURS = 24.0
STEPS = 512
"""steps walked at once, so that one compiled loop serves every course"""
SEED = 1


class Dose(NamedTuple):
    """Racemic ketamine for 70 kg; 0 minutes for all at once."""

    day: float
    mg_per_kg: float
    minutes: float = 40.0
    route: str = "iv"


class Medicine(NamedTuple):
    """A medication for opioid dependence, in mg on these days."""

    drug: OpioidMedication
    mg: float
    days: tuple[float, ...]


class Plan(NamedTuple):
    """What happens to the person; days, and stretches of days for use."""

    doses: tuple[Dose, ...] = ()
    sessions: tuple[float, ...] = ()
    exposures: tuple[float, ...] = ()
    retrievals: tuple[float, ...] = ()
    use: tuple[tuple[float, float], ...] = ()
    agonist: Medicine | None = None
    antagonist: Medicine | None = None


class Path(NamedTuple):
    """Everything at every instant of the grid, after what happened there."""

    day: np.ndarray
    state: State
    marks: Marks
    flow: Flow
    mu: Occupancy
    acute: Acute
    control: np.ndarray
    withdrawal: np.ndarray
    """Q_e, as felt"""

    def at(self, values: Any, day: float) -> float:
        """A quantity on this day, on the straight line between instants."""
        return float(np.interp(day, self.day, values))

    def last(self) -> tuple[State, Marks]:
        """Where the path ends, for the next one to begin."""
        return jax.tree.map(lambda x: x[-1], (self.state, self.marks))


class _Row(NamedTuple):
    """One instant and the step that follows it."""

    time: Any
    step: Any
    session: Any
    exposure: Any
    retrieval: Any
    begins: Any
    ends: Any
    amounts: Amounts
    amounts_after: Amounts


def follow(
    patient: Patient, days: float, plan: Plan | None = None,
    start: tuple[State, Marks] | None = None,
) -> Path:  # fmt: skip
    """One typical person, 70 kg, from day 0; by default at rest, never having used."""
    plan = plan or Plan()
    with jax.enable_x64(True):
        model, person, arm = _floats((_model(patient), _person(patient), _arm(patient, plan)))
        grid = _grid(days, plan)
        amounts = _amounts(grid, plan)
        rows = _rows(grid, plan, amounts)
        carried = _floats(start or at_rest(patient))
        pieces = []
        for first in range(0, len(grid), STEPS):
            chunk = jax.tree.map(lambda x, k=first: x[k : k + STEPS], rows)
            carried, seen = _walk(model, person, arm, carried, chunk)
            pieces.append(jax.tree.map(np.asarray, seen))
    joined = jax.tree.map(lambda *parts: np.concatenate(parts)[: len(grid)], *pieces)
    return Path(grid, *joined)


def at_rest(patient: Patient) -> tuple[State, Marks]:
    """A person in whom every opponent of the drug is at zero, not using."""
    state, marks = _begin(patient)
    nothing = jax.tree.map(lambda x: 0.0, state.dependence)
    free = eqx.tree_at(
        lambda h: (h.priming, h.use_week, h.use_days, h.abstinence_week),
        state.history,
        (0.0, 0.0, 0.0, 1.0),
    )
    state = eqx.tree_at(
        lambda s: (s.dependence, s.substance, s.withdrawal, s.history),
        state,
        (nothing, 0.0, 0.0, free),
    )
    return state, eqx.tree_at(lambda m: m.using, marks, 0.0)


def heavy_use(patient: Patient, days: float = 120.0) -> tuple[State, Marks]:
    """A person after months of daily use."""
    return follow(patient, days, start=_begin(patient)).last()


def detoxified(patient: Patient, days: float = 10.0) -> tuple[State, Marks]:
    """The same person so many days after the last use, without medication."""
    state, marks = heavy_use(patient)
    stopped = eqx.tree_at(lambda m: m.using, marks, 0.0)
    return follow(patient, days, start=(state, stopped)).last()


def _begin(patient: Patient) -> tuple[State, Marks]:
    with jax.enable_x64(True):
        model, person, arm = _floats((_model(patient), _person(patient), _arm(patient, Plan())))
        lane = model.begin(arm, person, jnp.uint32(SEED))
    return jax.tree.map(float, (lane.state, lane.marks))


@eqx.filter_jit
def _walk(model: Model, person: Person, arm: ArmSetting, carried: Any, rows: _Row) -> Any:
    patient = model.patient

    def flow(state: State, marks: Marks, amounts: Amounts, row: _Row) -> Flow:
        one = jnp.asarray(1.0)
        around = Around(available=one, observed=one, losing=one, antidepressant=0.0 * one)
        moment = Moment(row.time, row.step, row.time, around)
        return model.flow(
            person, arm, state, marks, amounts, moment, row.time, 0.0 * one, 0.0 * one
        )

    def one(carried: Any, row: _Row) -> Any:
        state, marks = _happened(model, *carried, row)
        amounts = row.amounts
        now = flow(state, marks, amounts, row)
        half = relaxed(state, now.relaxation, 0.5 * row.step)
        middle = jax.tree.map(lambda a, b: 0.5 * (a + b), amounts, row.amounts_after)
        there = flow(half, marks, middle, row)
        after = relaxed(state, there.relaxation, row.step)
        acute = patient.acute(amounts)
        felt = patient.withdrawal.expressed(state.withdrawal, acute.relief)
        mu = patient.receptors(state, amounts, arm)
        return (after, marks), (state, marks, now, mu, acute, patient.controls(state), felt)

    return lax.scan(one, carried, rows)


def _happened(model: Model, state: State, marks: Marks, row: _Row) -> tuple[State, Marks]:
    retrieved = model.patient.memory.after_retrieval(state.labile)
    state = eqx.tree_at(
        lambda s: (s.sessions, s.exposure, s.labile),
        state,
        (
            state.sessions + row.session,
            state.exposure + row.exposure,
            jnp.where(row.retrieval > 0.0, retrieved, state.labile),
        ),
    )
    for process, happens in ((0, row.begins), (1, row.ends)):
        changed = _floats(model.jump(process, state, marks, row.time))
        state, marks = jax.tree.map(
            lambda new, old, yes=happens: jnp.where(yes > 0.0, new, old), changed, (state, marks)
        )
    return state, marks


def _rows(grid: np.ndarray, plan: Plan, amounts: Amounts) -> _Row:
    """All instants, padded with steps of length 0 to whole chunks."""

    def counted(days: Sequence[float]) -> np.ndarray:
        return np.sum(np.abs(grid[:, None] - np.array([*days, np.inf])) < 1.0e-7, axis=1) * 1.0

    rows = _Row(
        time=grid, step=np.append(np.diff(grid), 0.0),
        session=counted(plan.sessions), exposure=counted(plan.exposures),
        retrieval=counted(plan.retrievals),
        begins=counted([first for first, _ in plan.use]),
        ends=counted([last for _, last in plan.use]),
        amounts=amounts,
        amounts_after=jax.tree.map(lambda x: np.append(x[1:], x[-1]), amounts),
    )  # fmt: skip
    missing = -len(grid) % STEPS
    padded = jax.tree.map(lambda x: np.append(x, np.zeros(missing)), rows)
    return jax.tree.map(jnp.asarray, padded)


def _grid(days: float, plan: Plan) -> np.ndarray:
    edges = [Edge(d.day, d.day + d.minutes / HOURS / 60.0) for d in plan.doses]
    stops = [*plan.sessions, *plan.exposures, *plan.retrievals, *sum(plan.use, ())]
    for medicine in filter(None, (plan.agonist, plan.antagonist)):
        edges += [Edge(day, day) for day in medicine.days if day < days]
    return time_grid(0.0, days, edges, [stop for stop in stops if stop <= days])


def _amounts(grid: np.ndarray, plan: Plan) -> Amounts:
    calm = jax.tree.map(
        lambda x: np.zeros(len(grid)), _model(Patient()).no_amounts().benzodiazepine
    )
    return Amounts(
        s_ketamine=_ketamine(s_ketamine(), grid, plan.doses),
        r_ketamine=_ketamine(r_ketamine(), grid, plan.doses),
        benzodiazepine=calm,
        agonist=_medicine(grid, plan.agonist),
        antagonist=_medicine(grid, plan.antagonist),
    )


def _ketamine(disposition: KetamineDisposition, grid: np.ndarray, doses: Sequence[Dose]) -> Any:
    system = _ketamine_system(type(disposition.enantiomer))
    inflow, jumps = np.zeros(len(grid)), {}
    for dose in doses:
        mg = dose.mg_per_kg * WEIGHT_KG
        umol = float(split("ketamine", mg).s)
        if dose.minutes > 0.0:
            hours = dose.minutes / 60.0
            end = dose.day + hours / HOURS
            inflow += np.where((grid > dose.day - 1e-9) & (grid < end - 1e-9), umol / hours, 0.0)
            continue
        deposit = bioavailable(dose.route, "ketamine", mg)
        shares = {name: float(share) * umol for name, share in vars(deposit).items()}
        filled = vars(ketamine.zero()) | shares
        jumps[dose.day] = np.asarray(ravel_pytree(type(ketamine.zero())(**filled))[0])
    return system.unravel_rows(_stepped(system, grid, inflow, jumps))


def _medicine(grid: np.ndarray, medicine: Medicine | None) -> MedicationAmount:
    drug = medicine.drug if medicine else no_medication()
    days = medicine.days if medicine else ()

    def rate(amount: MedicationAmount, inflow: Any) -> MedicationAmount:
        to, hours = drug.relaxation(amount)
        return jax.tree.map(lambda a, x, h: (a - x) / h + 0.0 * inflow, to, amount, hours)

    system = _Rows(linear(rate, no_amount()))
    dose = np.asarray(ravel_pytree(drug.dosed(no_amount(), medicine.mg if medicine else 0.0))[0])
    return system.unravel_rows(
        _stepped(system, grid, np.zeros(len(grid)), dict.fromkeys(days, dose))
    )


class _Rows:
    """A linear system with its exact steps kept."""

    def __init__(self, system: Linear) -> None:
        self.system, self.size, self.kept = system, len(system.inflow), {}

    def propagator(self, hours: float) -> np.ndarray:
        key = round(hours, 9)
        if key not in self.kept:
            joint = np.zeros((self.size + 1, self.size + 1))
            joint[:-1, :-1], joint[:-1, -1] = self.system.matrix, self.system.inflow
            self.kept[key] = expm(joint * key)[:-1]
        return self.kept[key]

    def unravel_rows(self, rows: np.ndarray) -> Any:
        like = self.system.unravel(jnp.zeros(self.size))
        return jax.tree.unflatten(jax.tree.structure(like), list(rows.T))


@lru_cache
def _ketamine_system(enantiomer: type) -> _Rows:
    disposition = next(
        one for one in (s_ketamine(), r_ketamine()) if type(one.enantiomer) is enantiomer
    )
    return _Rows(linear(disposition.rate, ketamine.zero()))


def _stepped(
    system: _Rows, grid: np.ndarray, inflow: np.ndarray, jumps: dict[float, np.ndarray]
) -> np.ndarray:  # fmt: skip
    """Amounts at every instant, right after what is given there."""
    vector, rows = np.zeros(system.size), []
    for k, day in enumerate(grid):
        for at, jump in jumps.items():
            if abs(at - day) < 1.0e-7:
                vector = vector + jump
        rows.append(vector)
        if k + 1 < len(grid) and (np.any(vector) or inflow[k]):
            exact = system.propagator(HOURS * (grid[k + 1] - day))
            vector = exact @ np.append(vector, inflow[k])
    return np.array(rows)


def _floats(tree: Any) -> Any:
    return jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), tree)


def _model(patient: Patient) -> Model:
    return Model(patient, midazolam())


def _person(patient: Patient) -> Person:
    return Person(
        key=0.0, weight_kg=WEIGHT_KG, ideal_weight_kg=WEIGHT_KG, age_years=35.0, female=0.0,
        s_ketamine=s_ketamine(), r_ketamine=r_ketamine(), mood_trait=0.0, log_frailty=0.0,
        reliability=0.0, commitment_draw=1.0, persistent=0.0,
        recovery_at_entry=patient.people.recovery_at_entry, craving_severity=1.0,
        withdrawal_severity=1.0, dissociation_factor=1.0, pressure_factor=1.0, guess_noise=0.0,
        induction_draw=1.0,
    )  # fmt: skip


def _arm(patient: Patient, plan: Plan) -> ArmSetting:
    drugs = [one.drug if one else no_medication() for one in (plan.agonist, plan.antagonist)]
    return ArmSetting(
        *drugs, staying=patient.medication_stop.staying("buprenorphine"), may_stop=0.0,
        felt_control=0.0, site=0.0, uncommitted=0.05,
        arms_felt=ArmsFelt(1.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0),
    )  # fmt: skip
