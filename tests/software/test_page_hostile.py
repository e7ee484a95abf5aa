"""Does whatever is sent to the server of the page get a sentence, and nobody else wait for it?"""

from __future__ import annotations

import copy
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from resynapse.web import routes as page_routes
from resynapse.web.received import AT_ONCE
from resynapse.web.server import unguarded
from software.page_server import PATIENCE_SECONDS, SOON

FAULT = 500
FEWEST_OPERATIONS = 24
POSITIVE, NEGATIVE = 8, 12
"""requests of each operation that the description allows, and that it forbids"""
PLACES = 400
"""programmes of which one place holds what does not belong there"""
ALIKE = settings(
    deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


DEEP = b"[" * 100_000 + b"]" * 100_000
HOSTILE = {
    "deep JSON": (DEEP, "nested too deeply"),
    "NaN": (b'{"protocol": {"follow_up_days": NaN}}', "no number"),
    "a long number": (b'{"patients": ' + b"9" * 5000 + b"}", "not JSON"),
    "half a character": (b'{"text": "\xff"}', "not JSON"),
    "half of a pair": (b'{"text": "name: \\ud800"}', "half a character"),
    "half of a pair, as bytes": (b'{"text": "\xed\xa0\x80"}', "half a character"),
    "half of a pair as a name": (b'{"protocol": {"\\udfff": 1}}', "half a character"),
    "a list": (b"[]", "must be a JSON object"),
    "nothing": (b"", "not JSON"),
    "no protocol": (b"{}", "mapping of fields"),
    "aliases that unfold": (
        json.dumps({"text": "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{chr(98 + k)}: &{chr(98 + k)} [" + ",".join([f"*{chr(97 + k)}"] * 10) + "]\n"
            for k in range(6)
        )}).encode(),
        "unfolds into more than",
    ),
    "a tag": (b'{"text": "name: !!python/object:os.system x"}', "tag"),
    "a long number in a field": (
        json.dumps({"protocol": {"follow_up_days": "9" * 200_000}}).encode(), "no field takes more"
    ),
    "a long number in YAML": (
        json.dumps({"text": "follow_up: " + "9" * 200_000}).encode(), "no field takes more"
    ),
    "deep YAML": (json.dumps({"text": "[" * 200_000}).encode(), "nested too deeply"),
    "deep YAML that is closed": (
        json.dumps({"text": "a: " + "[" * 2000 + "]" * 2000}).encode(), "nested too deeply"
    ),
    "control characters": (b'{"text": "name: a\\u0000b"}', "control character"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_input_gets_a_sentence(server, kind):
    body, said = HOSTILE[kind]

    status, sentence = server.sentence("/api/simulate", body)

    assert status == 422
    assert said in sentence


def test_others_are_answered_while_a_long_text_is_read(server, monkeypatch):
    begun, answered, order = threading.Event(), threading.Event(), []

    def slowly(body):
        begun.set()
        answered.wait(SOON)
        order.append("read")
        return page_routes.read(body)

    def received(request, read):
        return reading_body(request, slowly)

    reading_body = page_routes.received
    monkeypatch.setattr(page_routes, "received", received)
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(server.ask, "/api/check", b"{")
        assert begun.wait(SOON)
        for _ in range(3):
            assert server.json("/api/state").keys() >= {"ready"}
            order.append("answered")
        answered.set()

    assert order == ["answered"] * 3 + ["read"]
    assert reading.result()[0] == 422


def test_each_application_reads_so_many_bodies_at_once_in_a_loop_of_its_own(tmp_path):
    one, other = (unguarded(tmp_path / name) for name in ("one", "other"))

    assert one.state.reading is not other.state.reading
    assert one.state.reading.total_tokens == other.state.reading.total_tokens == AT_ONCE


def test_a_long_text_of_aliases_is_refused_in_a_sentence(server):
    slow = {"text": "a: &a 1\nb: [" + ",".join(["*a"] * 20_000) + "]\n"}

    assert server.sentence("/api/check", json.dumps(slow).encode())[0] == 422


@pytest.fixture(scope="module")
def operations(server):
    """All that the server says of itself."""
    import schemathesis

    described = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    return [found.ok() for found in described.get_all_operations()]


def asks(operation, mode, many):
    """So many requests of an operation, none of which may make the server fail."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(ALIKE, max_examples=many)
    def ask(case):
        assert case.call(timeout=PATIENCE_SECONDS).status_code < FAULT, case.path

    ask()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_request_that_the_description_allows_makes_the_server_fail(operations):
    from schemathesis.generation import GenerationMode

    for operation in operations:
        asks(operation, GenerationMode.POSITIVE, POSITIVE)
    assert len(operations) >= FEWEST_OPERATIONS


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_request_that_the_description_forbids_makes_the_server_fail(operations):
    from schemathesis.generation import GenerationMode

    taking = [one for one in operations if one.body]
    for operation in taking:
        asks(operation, GenerationMode.NEGATIVE, NEGATIVE)
    assert {one.path for one in taking} >= {"/api/simulate", "/api/jobs", "/api/infusion"}


STRANGE = some.sampled_from(
    [
        None, True, -1, 0, 1e308, -1e308, 10**400, 0.1, "", " ", "\u0000", "\ud800", "9" * 5000,
        "nan", ".inf", "1e999", "1 mg/kg", "-1 d", "<script>", "=1+1", [], {}, [[]], [None] * 50,
        [1e308], {"value": 1e308, "unit": "mg/kg"}, {"value": None}, {"": {}}, [{}] * 20,
    ]
)  # fmt: skip


def places(given, path=()):
    """Every place of a programme."""
    inside = given.items() if isinstance(given, dict) else enumerate(given)
    for name, one in inside:
        yield (*path, name)
        if isinstance(one, dict | list):
            yield from places(one, (*path, name))


def put(programme, path, strange):
    """A copy of the programme with something strange in one of its places."""
    made = copy.deepcopy(programme)
    at = made
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = strange
    return made


def test_a_programme_with_something_strange_in_any_place_is_read_or_refused_in_a_sentence(
    server, asked
):
    programme = server.json("/api/protocols/krupitsky-2002")["protocol"]
    known = sorted(places(programme), key=str)
    read, refused = 0, 0

    @given(path=some.sampled_from(known), strange=STRANGE)
    @settings(ALIKE, max_examples=PLACES)
    def ask(path, strange):
        nonlocal read, refused
        status, answer = server.ask(
            "/api/check", {**asked, "protocol": put(programme, path, strange)}
        )
        assert status in (200, 422), (path, strange, answer)
        if status == 422:
            refused += 1
            assert all(one["message"].strip() for one in json.loads(answer)["problems"])
        else:
            read += 1

    ask()
    assert read and refused
