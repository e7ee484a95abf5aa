"""What does a person do in the views that ask a question of their own, and what comes of it?"""

from __future__ import annotations

from software.page_window import PATIENCE, opened


def test_a_trial_is_run_many_times_stopped_and_kept_and_survives_a_closed_tab(
    page, chromium, server, tmp_path
):
    page.locator("#trial-section").scroll_into_view_if_needed()
    page.get_by_role("textbox", name="Trials", exact=True).fill("5000")
    page.get_by_role("textbox", name="Name of the run").fill("Is it <b>large</b> enough?")
    page.get_by_role("textbox", name="Largest trial, people in each arm").fill("40")
    page.get_by_role("button", name="Run 5000 trials").click()
    page.locator("#trial-result", has_text="of 5000 trials").wait_for(timeout=60_000)
    some = int(page.locator("#trial-result").get_attribute("data-done"))
    assert 0 < some < 5000
    assert "Monte Carlo interval" in page.locator("#trial-result .lead").inner_text()

    other = opened(chromium, server)
    other.locator("#trial-result svg").first.wait_for(timeout=PATIENCE)
    other.locator(".runs button", has_text="Stop and keep").click()
    other.locator(".runs li[data-state=stopped]").wait_for(timeout=PATIENCE)
    assert other.locator(".runs .over button").inner_text() == "Is it <b>large</b> enough?"
    kept = int(other.locator("#trial-result").get_attribute("data-done"))
    with other.expect_download() as waiting:
        other.locator(".runs button", has_text="Trials, CSV").click()
    waiting.value.save_as(tmp_path / "trials.csv")
    rows = (tmp_path / "trials.csv").read_text().splitlines()
    assert rows[0] == "trial,people_per_arm,hazard_ratio,log_rank_z"
    assert len(rows) == 1 + 8 * kept
    other.locator(".runs button", has_text="Delete").click()
    other.locator("#runs", has_text="appear here by name and date").wait_for()
    other.context.close()


def test_a_trial_that_no_run_can_hold_is_refused_beside_its_field(page):
    page.get_by_role("textbox", name="Largest trial, people in each arm").fill("1")
    page.get_by_role("button", name="Run 1000 trials").click()

    wrong = page.locator('#trial-ask [data-path="people"] .wrong')
    wrong.wait_for()
    assert "from 2 to 2000" in wrong.inner_text()
