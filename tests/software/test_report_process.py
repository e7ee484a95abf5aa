"""Is a report that a process of its own makes the one of the command line, and is it bounded?"""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from missing import is_missing
from resynapse.cli.command_line import app
from resynapse.protocol import parse
from resynapse.protocol.run_size import DRAWS
from resynapse.report import render
from resynapse.trial.live import AbandonedError
from resynapse.trial.simulate import simulate
from resynapse.web import report_process
from resynapse.web.queue.store import Store
from resynapse.web.report_process import TOO_LONG, ReportError, made
from resynapse.web.routes import programme
from resynapse.web.scenario import Scenario
from software import small_trial
from software.page_server import PATIENCE_SECONDS

PEOPLE, SEED = 16, 5
MOST_NICE = 19
TEXT = small_trial.TEXT.replace("30 d", "10 d").replace("abstinence_1_months", "lapse_7_days")
WHEN = re.compile(r"\d+(\.\d+)?\s+s\b|\d{4}-\d\d-\d\d[T \d:+.Z]*")
"""how long it took, and on which day"""


@pytest.fixture(scope="module")
def asked():
    return Scenario(parse(TEXT, "test"), PEOPLE, SEED)


@pytest.fixture(scope="module")
def page(asked):
    """The report that the page makes of it."""
    return made(asked, "prior", always).decode()


@pytest.fixture
def begun(monkeypatch):
    """Processes that were started."""
    found, start = [], subprocess.Popen

    def noted(*given, **named):
        found.append(start(*given, **named))
        return found[-1]

    monkeypatch.setattr(report_process.subprocess, "Popen", noted)
    return found


def always():
    return True


def test_the_report_of_the_page_is_the_report_of_a_run(asked, page):
    file = "small-trial.yaml"
    run = simulate(asked.protocol, patients=PEOPLE, seed=SEED, parameters="prior", file=file)
    assert WHEN.sub("", page) == WHEN.sub("", render(run))


def test_the_command_in_the_report_runs_the_programme_that_the_page_hands_out(
    asked, page, tmp_path
):
    words = shlex.split(re.search(r"resynapse run small-trial[^<]*", html.unescape(page))[0])
    (tmp_path / "small-trial.yaml").write_text(programme(asked, "prior"))

    checked = CliRunner().invoke(app, ["check", str(tmp_path / words[2])])

    assert checked.exit_code == 0
    assert words[3:] == shlex.split(
        f"--patients {PEOPLE} --seed {SEED} --draws {DRAWS} --parameters prior"
    )


def test_the_report_of_the_page_shows_s_and_r_apart_where_they_are_asked_for(asked, page):
    apart = made(replace(asked, enantiomers=True), "prior", always).decode()

    assert "S-ketamine in arterial blood" in apart
    assert "S-ketamine in arterial blood" not in page


def test_a_report_that_nobody_waits_for_ends_with_its_process(asked, begun):
    waits = iter([True, False])

    with pytest.raises(AbandonedError):
        made(asked, "prior", lambda: next(waits))

    assert begun[0].returncode is not None


def test_a_report_that_takes_too_long_is_ended_with_a_sentence(asked, begun):
    with pytest.raises(ReportError, match=re.escape(TOO_LONG)):
        made(asked, "prior", always, most_seconds=0.0)

    assert begun[0].returncode is not None


def test_what_the_model_refuses_is_told_in_its_own_words(asked):
    with pytest.raises(ReportError, match="patients"):
        made(Scenario(asked.protocol, patients=0), "prior", always)


@pytest.mark.parametrize(
    ("module", "asked", "polite"),
    [
        ("queue.worker", "{}", 10), ("queue.worker", '{"kind": "report"}', 5),
        ("draws_worker", "", 5), ("report_worker", "", 5),
    ],
)  # fmt: skip
def test_a_process_of_long_work_lets_sliders_go_first(module, asked, polite, tmp_path):
    """Its niceness, added to that of the server, in which sliders are answered."""
    if not hasattr(os, "getpriority"):
        is_missing("This system has no niceness, so none was looked at.")
    words = [sys.executable, "-m", f"resynapse.web.{module}"]
    words += [str(tmp_path), Store(tmp_path).add("long", asked, 1).id, "claim"] if asked else []
    here = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = min(MOST_NICE, here + polite)
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        until, found = time.monotonic() + PATIENCE_SECONDS, here
        while found != wanted and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
            found = os.getpriority(os.PRIO_PROCESS, process.pid)
    finally:
        process.kill()
        process.wait()

    assert found == wanted
