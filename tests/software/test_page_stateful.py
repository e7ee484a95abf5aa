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
"""what must have been heard of the queue, 404 of work that was deleted"""


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
    linked = described.include(path_regex="^/api/jobs(/report|/{id}(/stop)?)?$").exclude(
        method="GET", path="/api/jobs"
    )
    example = server.json("/api/example")
    programme = {"protocol": example["protocol"]}
    asking = {
        ("POST", "/api/jobs"): {**programme, "arm": ARM, "people": 4, "trials": 40},
        ("POST", "/api/jobs/report"): programme,
    }

    class Work(linked.as_state_machine()):
        def setup(self):
            self.made, self.stopped, self.deleted = set(), set(), set()

        def before_call(self, case):
            if (case.method, case.path) in asking:
                case.body = asking[case.method, case.path]

        def teardown(self):
            server.forget_work()

        def validate_response(self, response, case, **given):
            told, id = (case.method, case.path), (case.path_parameters or {}).get("id")
            status = response.status_code
            if status != 404 or id in self.deleted:
                heard[(*told, status)] += 1
            assert status == self.expected(told, id), told
            if told in asking:
                self.made.add(response.json()["id"])
            elif status == 200 and case.method == "DELETE":
                self.deleted.add(id)
            elif status == 200:
                assert response.json()["id"] == id
                if case.method == "POST":
                    assert response.json()["state"] == "stopped"
                    self.stopped.add(id)
            assert {one["id"] for one in server.json("/api/jobs")} == self.made - self.deleted

        def expected(self, told, id):
            """Nobody works on the queue: what is not stopped waits."""
            if told in asking:
                return 201
            if id not in self.made - self.deleted:
                return 404
            return 429 if told[0] == "DELETE" and id not in self.stopped else 200

    return Work


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_work_is_asked_for_read_stopped_and_deleted_in_any_order_and_then_is_gone(
    queue, monkeypatch
):
    """Each course by itself, as the coin that decides which link is followed is a true one."""
    heard = Counter()
    assert hasattr(core, "global_force_seed"), "Courses could not be told from one another."
    for number in range(MOST):
        monkeypatch.setattr(core, "global_force_seed", number)
        run_state_machine_as_test(machine(queue, heard), settings=SETTINGS)
        if number + 1 >= COURSES and set(heard) >= ANSWERS:
            break

    assert set(heard) >= ANSWERS, sorted(ANSWERS - set(heard))
