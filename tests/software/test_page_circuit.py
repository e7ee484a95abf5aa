"""Does the picture of the circuit stay while it changes, and does a lapse flash through it?"""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from software.page_window import PATIENCE, opened, settled, taken

FLASH_SECONDS = 0.6
SVG_TEXT = "{http://www.w3.org/2000/svg}text"
PASS_A_LAPSE = """
() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error('no flash ended')), PATIENCE);
  const range = document.querySelector('#time');
  const pictures = [...document.querySelectorAll('#brains figure > svg')];
  const found = { dimmed: [], wider: 0, ended: [] };
  const svg = pictures[ARM];
  const running = () =>
    svg.getAnimations({ subtree: true }).filter((one) => one instanceof CSSAnimation);
  svg.addEventListener('animationstart', (event) => {
    if (event.animationName !== 'struck' || found.looked) return;
    found.looked = true;
    found.begun = running().length;
    running().forEach((one) => one.pause());
    for (const at of [0, 150, 300, 450, 599]) {
      running().forEach((one) => { one.currentTime = at; });
      for (const edge of svg.querySelectorAll('.struck')) {
        const shown = Number(getComputedStyle(edge).opacity);
        if (shown < Number(edge.getAttribute('opacity')) - 1e-4) found.dimmed.push([at, shown]);
        const light = Number(getComputedStyle(edge.querySelector('.glow')).opacity);
        if (at === 150) found.wider = Math.max(found.wider, light);
      }
    }
    running().forEach((one) => { one.currentTime = 0; one.play(); });
  });
  svg.addEventListener('animationend', (event) => {
    found.ended.push([event.animationName, event.elapsedTime]);
    if (svg.classList.contains('hot') || found.ended.length < found.begun) return;
    const now = [...document.querySelectorAll('#brains figure > svg')];
    found.kept = now.length === pictures.length && now.every((one, k) => one === pictures[k]);
    found.moved = Number(range.value);
    document.querySelector('#play').click();
    done(found);
  });
  range.value = String(START);
  range.dispatchEvent(new Event('input'));
  document.querySelector('#play').click();
})
"""


@pytest.fixture
def moving(chromium, server):
    """The page in a window of somebody who has not asked for less motion, at the circuit."""
    page = opened(chromium, server, motion="no-preference")
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    yield page
    page.context.close()
    assert page.wrong == []


def _first_lapses(server, page):
    """The first return to use of each arm of the page, by its place in the row of pictures."""
    asked = page.evaluate("import('/static/store.js').then(({ store }) => store.scenario)")
    arms = server.json("/api/circuit", asked)["arms"]
    return [arms[arm["id"]]["lapses"] for arm in asked["protocol"]["arms"]]


def _script(arm, start):
    told = {"ARM": arm, "START": start, "PATIENCE": PATIENCE}
    found = PASS_A_LAPSE
    for name, value in told.items():
        found = found.replace(name, str(value))
    return found


def test_a_lapse_lights_up_for_its_whole_time_and_dims_nothing(moving, server):
    lapses = _first_lapses(server, moving)
    arm = next(k for k, days in enumerate(lapses) if days)
    start = lapses[arm][0] - 2

    found = moving.evaluate(_script(arm, start))

    assert found["dimmed"] == []
    assert found["wider"] > 0.2
    assert {name for name, _ in found["ended"]} == {"struck", "glow", "ring"}
    assert all(seconds == pytest.approx(FLASH_SECONDS) for _, seconds in found["ended"])
    assert found["kept"]
    assert found["moved"] > start


def test_who_wants_less_motion_sees_the_ring_and_the_tag_and_no_flash(page, server):
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    lapses = _first_lapses(server, page)
    arm = next(k for k, days in enumerate(lapses) if days)
    page.evaluate(
        "(day) => { const range = document.querySelector('#time'); range.value = day;"
        " range.dispatchEvent(new Event('input')); }",
        lapses[arm][0],
    )
    figure = page.locator("#brains figure").nth(arm)

    assert f"return to use, day {lapses[arm][0]:g}" in figure.inner_text()
    assert figure.locator(".mark.lapse").is_visible()
    assert page.locator("svg.hot").count() == 0


def test_curves_bend_to_the_left_of_travel_where_the_design_says_less_than_nothing(page):
    """``bend`` left of travel is negative (look.md 9); right on a screen, y points down."""
    ask = "([a, b, by]) => import('/static/brain.js').then((one) => one.control(a, b, by))"
    assert page.evaluate(ask, [[0, 0], [100, 0], -20]) == [50, -20]
    assert page.evaluate(ask, [[0, 0], [0, 100], -20]) == [20, 50]
    assert page.evaluate(ask, [[378, 178], [350, 306], 12])[0] < 364


def test_print_fetches_what_nobody_looked_at_and_shows_the_circuit_at_four_times(page):
    page.evaluate("() => { window.print = () => { document.body.dataset.printed = 'yes'; }; }")
    page.emulate_media(media="print")
    assert page.locator("#circuit-section .unseen").is_visible()
    page.emulate_media(media="screen")
    page.locator("#print").click()
    page.wait_for_selector("body[data-printed]", timeout=4 * PATIENCE)
    assert page.locator("#brains-printed").count() == 1
    assert not page.locator("#brains-printed").is_visible()
    page.emulate_media(media="print")

    moments = page.locator("#brains-printed .moment")
    titles = moments.locator("h3").all_inner_texts()
    days = [title.split("day ")[1] for title in titles]
    assert days[::2] == days[1::2] == ["0", "1", "30", "189"]
    assert moments.first.is_visible()
    assert not page.locator("#brains").is_visible()
    assert page.locator("#part-evidence .role summary").first.is_visible()
    assert not page.locator(".unseen:visible").count()


def test_a_circuit_that_cannot_be_fetched_is_said_to_be_missing_in_its_place_and_after_print(page):
    sentence = {"problems": [{"path": [], "message": "No room for now."}]}
    page.route("**/api/circuit", lambda route: route.fulfill(status=422, json=sentence))
    page.evaluate("() => { window.print = () => { document.body.dataset.printed = 'yes'; }; }")
    page.locator("#print").click()
    page.wait_for_selector("body[data-printed]", timeout=4 * PATIENCE)

    assert page.locator("#taken").inner_text() == "Printed without the circuit: No room for now."
    page.locator("#brain").scroll_into_view_if_needed()
    page.locator("#brain", has_text="The circuit could not be fetched. No room for now.").wait_for()
    page.unroute("**/api/circuit")
    page.locator("#print").click()
    page.wait_for_selector("#brains-printed", state="attached", timeout=4 * PATIENCE)
    assert page.locator("#taken").inner_text() == ""


WORDS_TOGETHER = """
() => [...document.querySelectorAll('#brains svg.brain')].flatMap((svg) => {
  const texts = [...svg.querySelectorAll('text')];
  const words = texts.map((one) => [one.textContent, one.getBoundingClientRect()]);
  const card = svg.closest('figure').getBoundingClientRect();
  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return words.flatMap(([name, box], k) => [
    ...words.slice(0, k).filter(([, other]) => over(box, other)).map(([other]) => [name, other]),
    ...(box.left < card.left || box.right > card.right ? [[name, 'beyond its card']] : []),
  ]);
})
"""
SMALLEST_LETTERS = """
() => Math.min(...[...document.querySelectorAll('#brains svg.brain text')].map(
  (one) => parseFloat(getComputedStyle(one).fontSize) * one.ownerSVGElement.getScreenCTM().a))
"""
CUT_OFF = """
() => new Promise((done) => {
  const frame = () => new Promise(requestAnimationFrame);
  const cut = (one) => {
    const { left, right, top } = one.getBoundingClientRect();
    const seen = (x) => document.elementFromPoint(x, top + 90)?.closest('figure') === one;
    return top < innerHeight - 100 && ![left + 3, right - 3].every(seen);
  };
  const cards = () => [...document.querySelectorAll('#brains figure')];
  frame().then(frame).then(() => done(cards().filter(cut).map((one) => one.textContent)));
})
"""
"""Cards whose edges are not painted, and so cannot be pointed at, once the page has scrolled"""
SMALLEST = 11.0
"""px, of any letter (look.md 3)"""


@pytest.mark.parametrize(
    ("width", "arms", "columns"),
    [(1280, 2, 2), (1280, 3, 3), (1440, 3, 3), (1280, 4, 2), (360, 2, 1)],
)
def test_arms_stand_beside_one_another_where_there_is_room_and_every_word_can_be_read(
    chromium, server, width, arms, columns
):
    page = opened(chromium, server, viewport={"width": width, "height": 1000})
    for _ in range(arms - 2):
        page.locator(".armcard").last.get_by_role("button", name="Duplicate").click()
    settled(page)
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator(f"#brains.of-{arms} figure").last.wait_for(timeout=2 * PATIENCE)

    boxes = [one.bounding_box() for one in page.locator("#brains figure").all()]
    lefts = sorted({round(one["x"]) for one in boxes})
    together, smallest = page.evaluate(WORDS_TOGETHER), page.evaluate(SMALLEST_LETTERS)
    page.evaluate("document.querySelector('#brains').scrollIntoView()")
    cut = page.evaluate(CUT_OFF)
    wide = page.evaluate("document.documentElement.scrollWidth")
    marks = [one.bounding_box() for one in page.locator(".lapses b").all()]
    scrubber = page.locator("#time").bounding_box()
    page.context.close()

    assert len(boxes) == arms and len(lefts) == columns
    assert len({round(one["y"]) for one in boxes}) == -(-arms // columns)
    assert all(one["x"] >= 0 and one["x"] + one["width"] <= width for one in boxes)
    assert together == [] and cut == []
    assert smallest >= SMALLEST
    assert wide <= width
    assert marks and all(one["y"] + one["height"] <= scrubber["y"] for one in marks)


def test_what_the_letters_stand_for_is_told_for_every_region_that_is_drawn(page):
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    page.locator("#regions > summary").click()

    told = page.locator("#regions dt").all_inner_texts()
    drawn = page.locator("#brains svg.brain").first.locator("text:not(.soft)")
    named = drawn.evaluate_all("all => all.map((one) => one.firstChild.textContent)")
    assert sorted(told) == sorted(named)
    assert page.locator("#regions dd", has_text="nucleus accumbens").is_visible()


def test_lists_that_are_open_stay_so_when_the_scale_or_the_programme_changes(page):
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    page.locator("#edges-summary").click()
    page.locator("#regions-summary").click()
    page.get_by_role("button", name="Minutes", exact=True).click()

    assert page.locator("#regions dd").first.is_visible()
    assert page.locator("#edges-table tbody tr").first.is_visible()

    page.locator("#regions-summary").focus()
    page.evaluate("document.querySelector('#brains').dataset.old = 'yes'")
    page.locator(".armcard").last.get_by_role("button", name="Duplicate").evaluate(
        "one => one.click()"
    )
    page.locator("#regions-summary").focus()
    page.locator("#brains.of-3:not([data-old]) figure").last.wait_for(timeout=2 * PATIENCE)
    assert page.locator("#regions dd").first.is_visible()
    assert page.locator("#edges-table tbody tr").first.is_visible()
    assert page.evaluate("document.activeElement.id") == "regions-summary"


def test_a_file_of_the_circuit_says_what_the_letters_stand_for_however_narrow_its_card(
    page, tmp_path
):
    page.set_viewport_size({"width": 360, "height": 800})
    page.locator("#circuit-section").scroll_into_view_if_needed()
    page.locator("#brains figure").first.wait_for(timeout=PATIENCE)
    button = page.locator("#brains").get_by_role("button", name="SVG of circuit").first
    texts = ElementTree.parse(taken(page, button, tmp_path)).iter(SVG_TEXT)
    said = " ".join("".join(one.itertext()) for one in texts)

    page.locator("#regions-summary").click()
    rows = page.locator("#regions > dl > div")
    for row in rows.all():
        letters, words = row.locator("dt").inner_text(), row.locator("dd").inner_text()
        assert f"{letters}: {words}" in said
    assert rows.count() > 5
