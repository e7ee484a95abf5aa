"""Is work of the queue, asked for in any order, what the description of the server links it to?"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, core, settings
from hypothesis.stateful import run_state_machine_as_test

from resynapse.web.laboratory import Laboratory
from resynapse.web.queue.supervisor import Supervisor
from resynapse.web.server import around
from software.page_server import listening

COURSES, MOST, STEPS = 12, 60, 8
"""how often, how often until everything was heard, and how many requests follow one another"""
FEW, ARM = 8, "ketamine-3-therapy"
SETTINGS = settings(
    deadline=None, database=None, derandomize=False, phases=[Phase.generate],
    max_examples=1, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck),
)  # fmt: skip
WORK = "/api/jobs/{id}"
ANSWERS = {
    ("POST", "/api/jobs", 201), ("POST", "/api/jobs/report", 201), ("GET", WORK, 200),
    ("POST", f"{WORK}/stop", 200), ("DELETE", WORK, 200), ("DELETE", WORK, 429),
    ("GET", WORK, 404),
}  # fmt: skip
"""what must have been heard of the queue"""


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A server whose queue is worked on by nobody, and that computes nothing beforehand."""
    monkeypatch.setattr(Supervisor, "start", lambda supervisor: None)
    monkeypatch.setattr(Laboratory, "warm", lambda laboratory: None)
    with listening(around(Laboratory(FEW), tmp_path / "queue")) as server:
        yield server


def machine(server, heard):
    """Work that is asked for, looked at, stopped and deleted, as the description links these."""
    import schemathesis

    described = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    linked = described.include(path_regex="^/api/jobs(/report|/{id}(/stop)?)?$")
    example = server.json("/api/example")
    programme = {"protocol": example["protocol"]}
    asking = {
        ("POST", "/api/jobs"): {**programme, "arm": ARM, "people": 4, "trials": 40},
        ("POST", "/api/jobs/report"): programme,
    }

    class Work(linked.as_state_machine()):
        def setup(self):
            self.deleted = set()

        def before_call(self, case):
            if (case.method, case.path) in asking:
                case.body = asking[case.method, case.path]

        def teardown(self):
            server.forget_work()

        def validate_response(self, response, case, **given):
            told, id = (case.method, case.path), (case.path_parameters or {}).get("id")
            heard[(*told, response.status_code)] += 1
            assert response.status_code < 500, told
            if told in asking:
                assert response.status_code == 201, told
            elif id in self.deleted:
                assert response.status_code == 404, told
            elif case.method == "GET" and response.status_code == 200 and case.path == WORK:
                assert response.json()["id"] == id
            if case.method == "DELETE" and response.status_code == 200:
                self.deleted.add(id)

    return Work


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_work_is_asked_for_read_stopped_and_deleted_in_any_order_and_then_is_gone(
    queue, monkeypatch
):
    """Each course by itself, as the coin that decides which link is followed is a true one."""
    heard = Counter()
    for number in range(MOST):
        monkeypatch.setattr(core, "global_force_seed", number)
        run_state_machine_as_test(machine(queue, heard), settings=SETTINGS)
        if number + 1 >= COURSES and set(heard) >= ANSWERS:
            break

    assert set(heard) >= ANSWERS, sorted(ANSWERS - set(heard))
