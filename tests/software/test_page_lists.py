"""Where does the keyboard stand when a list changes, and does a test meet work of another one?"""

from __future__ import annotations

import pytest

from software.page_window import PATIENCE, settled

LISTS = {
    "report": {"box": "#reports", "heading": "reports-title", "total": 100},
    "trial": {"box": "#runs", "heading": "runs-title", "total": 1000},
}
FOCUS = "document.activeElement.ariaLabel ?? document.activeElement.id"


def entry(number, kind):
    """Work that is over, as the server tells it."""
    return {
        "id": f"{number:016d}", "name": f"Mine {number}", "state": "failed", "created": 1.0,
        "ended": 2.0, "done": 0, "total": LISTS[kind]["total"], "left": 0.0, "ahead": 0,
        "restarted": False, "message": "It failed.", "kind": kind, "file": "mine",
    }  # fmt: skip


@pytest.fixture(params=LISTS)
def listed(request, page):
    """The page with three entries in one of its lists; the list, and what the server keeps."""
    kept = [entry(number, request.param) for number in (3, 2, 1)]

    def deleted(route):
        if route.request.method != "DELETE":
            return route.fallback()
        kept[:] = [one for one in kept if not route.request.url.endswith(one["id"])]
        return route.fulfill(json={"deleted": True})

    page.route("**/api/jobs", lambda route: route.fulfill(json=kept))
    page.route("**/api/jobs/*", deleted)
    page.route(
        "**/api/jobs/*?width=*",
        lambda route: route.fulfill(
            json={**kept[0], "html": "", "protocol": {"name": "mine"}} if kept else {}
        ),
    )
    page.reload()
    settled(page)
    page.locator(f"{LISTS[request.param]['box']} li").nth(2).wait_for(timeout=PATIENCE)
    return page, LISTS[request.param], kept


def test_after_delete_the_keyboard_stands_on_the_next_entry_or_on_the_heading(listed):
    page, its, kept = listed
    entries = page.locator(f"{its['box']} li")
    entries.nth(1).get_by_role("button", name="Delete").focus()
    for left, focused in ((2, "Delete: Mine 1"), (1, "Delete: Mine 3"), (0, its["heading"])):
        page.keyboard.press("Enter")
        page.wait_for_function(
            "([box, left]) => document.querySelectorAll(`${box} li`).length === left",
            arg=[its["box"], left], timeout=PATIENCE,
        )  # fmt: skip
        assert page.evaluate(FOCUS) == focused
    assert kept == []


def test_nobody_who_is_elsewhere_is_called_to_a_list_that_changes(listed):
    page, its, kept = listed
    page.locator("#detail").focus()
    kept.pop()
    page.evaluate(
        "Promise.all(['reports', 'trial'].map((one) => import(`/static/${one}.js`)))"
        ".then(([reports, trial]) => Promise.all([reports.showReports(), trial.showRuns()]))"
    )

    assert page.locator(f"{its['box']} li").count() == 2
    assert page.evaluate(FOCUS) == "detail"


def test_the_keyboard_stays_with_the_arms_that_it_changes(page):
    told = "document.activeElement.ariaLabel ?? document.activeElement.textContent"
    for press, focused in (
        ("Duplicate: Ketamine ×3", "Duplicate: Ketamine ×3"),
        ("Compare with this: Ketamine ×3 (2)", "Ketamine ×3 (2)"),
        ("Remove: Ketamine ×3 (2)", "Ketamine ×3"),
    ):
        button = page.get_by_role("button", name=press, exact=True)
        button.focus()
        page.keyboard.press("Enter")
        settled(page)
        assert page.evaluate(told) == focused
    assert page.locator(".armcard").count() == 2


@pytest.mark.parametrize("turn", [1, 2])
def test_no_work_of_another_test_is_in_the_queue(server, asked, turn):
    """Each of the two would find what the other asked for."""
    assert server.json("/api/jobs") == []
    assert server.json("/api/jobs/report", asked)["kind"] == "report"
    run = {"protocol": asked["protocol"], "arm": "ketamine-3-therapy", "trials": 40, "people": 4}
    assert server.json("/api/jobs", run)["kind"] == "trial"
