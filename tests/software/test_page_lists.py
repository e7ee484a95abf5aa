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


MARK = "(box) => { document.querySelector(`${box} li`).dataset.old = 'yes'; scrollTo(0, 0); }"
AGAIN = (
    "Promise.all(['reports', 'trial'].map((one) => import(`/static/${one}.js`)))"
    ".then(([reports, trial]) => Promise.all([reports.showReports(), trial.showRuns()]))"
)


def test_while_work_goes_on_its_entry_stays_and_the_page_where_it_was_scrolled_to(listed):
    page, its, kept = listed
    kept[0] |= {"state": "running", "done": 10, "left": 9.0}
    page.evaluate(AGAIN)
    first = page.locator(f"{its['box']} li").first
    stop = first.locator("[data-act^='stop ']")
    stop.focus()
    page.evaluate(MARK, its["box"])
    kept[0] |= {"done": 20, "left": 8.0}
    page.evaluate(AGAIN)

    assert first.get_attribute("data-old") == "yes"
    assert first.locator("progress").get_attribute("value") == "20"
    assert "20" in first.locator("p.small").inner_text()
    assert stop.inner_text() in stop.get_attribute("aria-label")
    assert its["box"] == "#reports" or stop.inner_text() == "Stop and keep 20"
    assert page.evaluate("scrollY") == 0

    kept[0] |= {"message": "Another"}
    page.evaluate(AGAIN)
    assert first.get_attribute("data-old") is None
    assert page.evaluate(FOCUS) == stop.get_attribute("aria-label")
    assert page.evaluate("scrollY") == 0
    kept[0] |= {"state": "failed"}


def test_what_was_refused_of_a_run_is_said_until_the_next_action_and_not_printed(page):
    run = entry(1, "trial")
    page.route("**/api/jobs", lambda route: route.fulfill(json=[run]))
    page.route(
        "**/api/jobs/*?width=*",
        lambda route: route.fulfill(json={**run, "html": "", "protocol": {"name": "mine"}}),
    )
    refusal = {"problems": [{"path": [], "message": "Not now."}]}
    page.route("**/api/jobs/*", lambda route: route.fulfill(status=422, json=refusal))
    page.reload()
    settled(page)
    said = page.locator("#runs-said")
    page.get_by_role("button", name="Delete: Mine 1").click()
    page.wait_for_function(
        "() => document.querySelector('#runs-said').textContent === 'Not now.'", timeout=PATIENCE
    )
    page.emulate_media(media="print")
    assert not said.is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Show: Mine 1").click()

    assert said.text_content() == ""


def test_nobody_who_is_elsewhere_is_called_to_a_list_that_changes(listed):
    page, its, kept = listed
    page.locator("#detail").focus()
    kept.pop()
    page.evaluate(AGAIN)

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
