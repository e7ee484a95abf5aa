"""Do kernels made from the model's functions do what those functions say?"""

import ctypes
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from resynapse.engine import random
from resynapse.engine.back_end import back_end
from resynapse.engine.cache import keep_compiled
from resynapse.engine.native import build
from resynapse.engine.native.columnwise import columnwise, normals, uniforms
from resynapse.engine.native.emit import Kernel, Places, emit
from resynapse.engine.native.graph import Graph, Level
from resynapse.engine.native.lowering import LoweringError, loop_sizes, lower
from resynapse.engine.native.processor import has_tables
from resynapse.engine.native.run import NotANumberError
from resynapse.parameter import replace
from resynapse.patient import Patient
from resynapse.protocol import parse
from resynapse.purpose import Purpose
from resynapse.trial.arm_setting import unknown_arms
from resynapse.trial.conduct import Conduct
from resynapse.trial.grid import rounding_error
from software.small_trial import TEXT

COLUMNS = 8192
ULP = 2.0**-52


@pytest.mark.parametrize(
    "parameters",
    [
        {"num_consts": 1, "num_carry": 2},
        {"ft_in": SimpleNamespace(unpack=lambda: ((None,), (None, None), (None,) * 3))},
    ],
    ids=["before JAX 0.11", "since"],
)
def test_a_loop_tells_what_it_carries_in_old_and_in_new_words_of_jax(parameters):
    assert loop_sizes(parameters) == (1, 2)


@pytest.fixture(scope="module")
def protocol():
    return parse(TEXT, "test")


def conducted(protocol, count, backend, patient=None):
    arm = protocol.arm("all")
    conduct = Conduct(protocol, patient or Patient(), 3, backend=backend)
    chunks = list(conduct.chunks(arm, unknown_arms(protocol, arm), count))
    marks = jax.tree.map(lambda *x: np.concatenate(x), *(chunk.marks for chunk in chunks))
    records = np.concatenate([chunk.records for chunk in chunks], axis=2)
    return marks, records, np.concatenate([chunk.use_days for chunk in chunks])


@pytest.fixture(scope="module")
def native(protocol):
    return conducted(protocol, 600, "native")


def test_kernels_and_compiled_loops_take_every_patient_along_the_same_path(protocol, native):
    marks, records, use_days = conducted(protocol, 256, "xla")

    assert np.array_equal(native[0].bouts[:256], marks.bouts)
    assert np.array_equal(native[2][:256], use_days)
    assert np.abs(native[0].first_use[:256] - marks.first_use).max() < 1e-9
    scale = np.abs(records).max(axis=(0, 2)) + 1e-30
    single = 2.0**-23  # observations are kept as 32-bit numbers
    assert (np.abs(native[1][:, :, :256] - records).max(axis=(0, 2)) <= 2 * single * scale).all()


@pytest.mark.parametrize(
    ("device", "memory", "room"),
    [
        ("cpu", None, 256),
        ("gpu", None, 32_768),
        ("gpu", {"bytes_limit": 60 * 10**9}, 32_768),
        ("gpu", {"bytes_limit": 18 * 10**9}, 16_384),
        ("gpu", {"bytes_limit": 10**8}, 256),
    ],
)
def test_compiled_loops_take_more_people_at_once_on_a_gpu_as_its_memory_allows(
    monkeypatch, device, memory, room
):
    monkeypatch.setattr(jax, "default_backend", lambda: device)
    monkeypatch.setattr(
        jax, "local_devices", lambda: [SimpleNamespace(memory_stats=lambda: memory)]
    )

    assert back_end("xla").room() == room


def test_steps_in_32_bits_move_first_uses_by_seconds_and_the_run_says_by_how_much(protocol):
    said = rounding_error(protocol, Patient(), 3, "native-f32")["rounding_error"]["arms"]["all"]

    assert said["people"] == 256 and said["first_uses"] > 50
    assert 1e-8 < said["first_use_median_d"] < 1e-3
    assert said["first_use_99th_percentile_d"] < 0.02  # the median that a grid is allowed
    assert said["same_bouts"] >= 0.99
    assert rounding_error(protocol, Patient(), 3, "native") == {}


def test_a_path_depends_neither_on_the_number_of_people_nor_on_the_chunk(protocol, native):
    for count in (1, 33, 520):
        marks, records, use_days = conducted(protocol, count, "native")

        assert np.array_equal(records, native[1][:, :, :count])
        assert np.array_equal(use_days, native[2][:count])
        assert np.array_equal(marks.first_use, native[0].first_use[:count])


def taken(person, which):
    """These people, in this order."""
    return jax.tree.map(lambda column: np.asarray(column)[which], person)


def test_nobody_depends_on_who_goes_before_or_beside_them(protocol):
    arm, conduct = protocol.arm("all"), Conduct(protocol, Patient(), 3)
    through = conduct.prepared(arm, unknown_arms(protocol, arm), conduct.plan(arm))
    person = next(conduct.parties(0, 40, 40))
    shuffled = np.random.default_rng(2).permutation(40)

    def left(which):
        """Final states and all else that people are left with, in 64 bits, and their records."""
        kept = through(taken(person, which))
        rows = (*jax.tree.leaves(kept.lane), kept.records, kept.use_days)
        return [np.asarray(row)[..., : len(which)] for row in rows]

    whole = left(np.arange(40))
    for which in (shuffled, shuffled[:1], np.arange(20, 40)):
        for part, everyone in zip(left(which), whole, strict=True):
            assert np.array_equal(part, everyone[..., which])


def test_a_state_that_is_no_number_stops_the_run_and_names_patients(protocol):
    broken = replace(Patient(), {"craving.time_constant": float("nan")})

    with pytest.raises(NotANumberError, match=r"patients \[0, 1"):
        conducted(protocol, 4, "native", broken)


def kernel_of(operation, *columns, tables=None):
    """The operation of these columns, by a kernel of it alone."""
    many = len(columns)
    graph = Graph()
    inputs = tuple(graph.input(f"x{n}", Level.LANE) for n in range(many))
    kernel = Kernel("one", {many: graph.apply(operation, inputs, "f")}, COLUMNS, 32)
    places = Places({number: row for row, number in enumerate(inputs)})
    loaded = build.Loaded({"one": build.machine_code(emit(graph, kernel, places, tables))})
    arena = np.zeros((many + 1) * COLUMNS + 8)
    begin = -arena.ctypes.data % 64 // 8
    rows = arena[begin : begin + (many + 1) * COLUMNS].reshape(many + 1, COLUMNS)
    for row, values in zip(rows, columns, strict=False):
        row[: len(values)] = values
    place = rows.ctypes.data
    words = [ctypes.c_void_p] * 3 + [ctypes.c_int64]
    ctypes.CFUNCTYPE(None, *words)(loaded.address("one"))(place, place, place, COLUMNS)
    return rows[many, : len(columns[0])].copy()


WIDE = np.concatenate([np.linspace(-40.0, 40.0, 4000), np.geomspace(1e-18, 1.0, 2000)])
POSITIVE = np.concatenate([np.geomspace(1e-300, 1e300, 4000), np.linspace(0.5, 2.0, 4000)])


FUNCTIONS = [
    ("exp", np.exp, np.linspace(-700.0, 700.0, COLUMNS)),
    ("expm1", np.expm1, np.concatenate([WIDE, -WIDE[4000:]])),
    ("log", np.log, POSITIVE),
    ("log1p", np.log1p, np.concatenate([np.geomspace(1e-18, 100.0, 4000), -WIDE[4000:5990]])),
    ("logistic", special.expit, WIDE),
    ("tanh", np.tanh, WIDE),
]


def error_of(operation, exact, values, tables):
    found, wanted = kernel_of(operation, values, tables=tables), exact(values)
    assert np.isnan(kernel_of(operation, np.array([np.nan]), tables=tables)).all()
    return (np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-300)).max()


@pytest.mark.parametrize(("operation", "exact", "values"), FUNCTIONS)
def test_elementary_functions_by_polynomials_err_by_two_last_places(operation, exact, values):
    places = 2.5 if operation in ("log1p", "logistic", "tanh") else 2.0
    assert error_of(operation, exact, values, tables=False) <= places * ULP


@pytest.mark.skipif(not has_tables(), reason="this processor has no AVX-512")
@pytest.mark.parametrize(("operation", "exact", "values"), FUNCTIONS)
def test_elementary_functions_by_tables_err_by_5e_13_at_most(operation, exact, values):
    least = operation in ("expm1", "tanh")  # the polynomial of (exp r - 1) / r, and no more
    assert error_of(operation, exact, values, tables=True) <= (5e-13 if least else 5e-14)


BASES = np.geomspace(1e-12, 1e12, 4000)
POWERS = np.random.default_rng(1).uniform(-12.0, 12.0, 4000)
TABLES = [
    False,
    pytest.param(
        True, marks=pytest.mark.skipif(not has_tables(), reason="this processor has no AVX-512")
    ),
]


@pytest.mark.parametrize("tables", TABLES, ids=["polynomials", "tables"])
def test_powers_err_by_the_error_of_exp_and_by_that_of_log_times_the_exponent(tables):
    """x^y = exp(y ln x): an error of ln x is one of x^y, |y ln x| times as large."""
    each = 5e-14 if tables else 2.0 * ULP
    found, wanted = kernel_of("pow", BASES, POWERS, tables=tables), BASES**POWERS

    error = np.abs(found / wanted - 1.0)
    assert (error <= each * (1.0 + 1.25 * np.abs(POWERS * np.log(BASES)))).all()


@pytest.mark.parametrize("tables", TABLES, ids=["polynomials", "tables"])
def test_powers_end_where_exp_does_and_are_no_number_where_there_is_no_logarithm(tables):
    x = np.array([0.0, 0.0, 1e300, 1e-300, 1e300, 0.0, -2.0, -2.0, np.nan, 2.0])
    y = np.array([0.3, 2.0, 2.0, 2.0, -2.0, 0.0, 3.0, 0.5, 1.0, np.nan])
    found = kernel_of("pow", x, y, tables=tables)

    assert (found[[0, 1, 3, 4]] <= 1e-307).all()
    assert found[2] >= 8e307
    assert np.isnan(found[5:]).all()


def test_what_is_no_logarithm_is_no_number():
    assert np.isnan(kernel_of("log", np.array([-1.0])))[0]
    assert kernel_of("log", np.array([0.0]))[0] == -np.inf


def test_columns_hold_the_random_numbers_of_the_other_back_ends_bit_for_bit():
    patients, events = np.arange(50), np.arange(50)[::-1]
    found = uniforms(7, int(Purpose.LAPSE), patients, events)

    with jax.enable_x64(True):
        words = patients.astype(np.uint32), events.astype(np.uint32)
        wanted = random.uniform(np.uint32(7), int(Purpose.LAPSE), *words)
    assert np.array_equal(found, wanted)
    assert (
        np.abs(special.ndtr(normals(7, int(Purpose.LAPSE), patients, events)) - found).max() < 1e-14
    )


def test_an_operation_that_kernels_lack_is_refused_by_name_and_place():
    graph = Graph()
    x = np.array(graph.input("x", Level.LANE))

    with pytest.raises(LoweringError, match=r"'sin', used at .*test_native.py"):
        lower(graph, lambda x: jnp.sin(x), x)
    with pytest.raises(LoweringError, match="lax.cond do. Write jnp.where"):
        lower(graph, lambda x: jax.lax.cond(x > 0.0, lambda: x, lambda: -x), x)


def test_what_is_known_beforehand_is_not_done_for_every_patient():
    graph = Graph()
    x, rate = np.array(graph.input("x", Level.LANE)), np.array(graph.input("rate", Level.RUN))

    made = int(lower(graph, lambda x, rate: x * jnp.exp(-rate) / rate + 0.0 * x, x, rate))

    done = [graph[n] for n in graph.needed([made], Level.LANE) if graph[n].level == Level.LANE]
    assert {node.operation for node in done} == {"input", "mul"}


def _sum_and_difference(a, x):
    return x + a, jnp.where(x > a, x - a, 0.0)


def test_a_function_of_one_serves_columns():
    total, excess = columnwise(_sum_and_difference, (np.float64(2.0),), (np.arange(4.0),))

    assert total.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert excess.tolist() == [0.0, 0.0, 0.0, 1.0]


def test_code_that_was_cut_short_on_disk_is_made_again_with_one_line(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("RESYNAPSE_CACHE", str(tmp_path))
    values = np.array([0.5])
    first = kernel_of("exp", values)
    (kept,) = (tmp_path / "native").glob("*")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-10])

    assert kernel_of("exp", values) == first
    assert kept.read_bytes() == whole
    assert caplog.messages == [f"The cache file {kept} was damaged; what it held is made again."]


def test_a_cache_that_cannot_be_written_is_told_once_and_code_is_made(
    tmp_path, monkeypatch, caplog
):
    place = tmp_path / "cache"
    place.write_text("no folder")
    monkeypatch.setenv("RESYNAPSE_CACHE", str(place))

    for values in (np.array([0.5]), np.array([0.5])):
        assert kernel_of("exp", values) == pytest.approx(np.exp(values), rel=1e-14)
    assert keep_compiled() is None
    (said,) = caplog.messages
    assert said.startswith(f"The cache folder {place} cannot be written (")
