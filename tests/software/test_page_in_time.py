"""What may the page put off until it is seen or needed, so that plots come first?"""

from __future__ import annotations

from software.page_window import settled


def test_what_is_out_of_sight_is_not_laid_out_until_it_comes_near_and_is_printed_all_the_same(page):
    sedation = page.locator('figure[data-figure="sedation"] figcaption')
    assert sedation.inner_text() == ""

    page.emulate_media(media="print")
    assert sedation.inner_text().startswith("Sedation")

    page.emulate_media(media="screen")
    sedation.scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    assert sedation.inner_text().startswith("Sedation")


def test_a_slider_that_is_let_go_is_followed_by_the_fields_that_it_asks_for(page):
    spacing = page.get_by_role("textbox", name="Days between").first
    assert spacing.is_visible()

    page.get_by_role("slider", name="Number of doses").first.focus()
    page.keyboard.press("Home")

    spacing.wait_for(state="detached")
    settled(page)
    assert page.evaluate("document.activeElement.type") == "range"


def test_who_turns_to_another_field_at_once_finds_it_as_it_is_now(page):
    at_once = """() => {
      const field = (label) => [...document.querySelectorAll('#build label')]
        .find((one) => one.textContent === label).closest('.field').querySelector('input');
      const range = document.querySelector('input[type=range][aria-label="Days between"]');
      range.focus();
      range.value = '8';
      for (const kind of ['input', 'change']) range.dispatchEvent(new Event(kind));
      field('On days, from entry').focus();
      return document.activeElement.value;
    }"""

    assert page.evaluate(at_once) == "2, 10, 18"
