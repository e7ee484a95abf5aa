"""A window with the page in it, and what a test reads there."""

from __future__ import annotations

from xml.etree import ElementTree

WHOLE = "html[data-shown=whole]"
PATIENCE = 30_000
TAKEN = 60_000
"""ms until a file is there; a report is made by a process that lets others go first"""
WIDE = {"width": 1440, "height": 900}


def opened(chromium, server, viewport=None, scheme="light", address="", motion="reduce"):
    """A window with the page in it, computed; and what went wrong or left the machine."""
    context = chromium.new_context(
        viewport=viewport or WIDE, color_scheme=scheme, accept_downloads=True,
        reduced_motion=motion,
    )  # fmt: skip
    page = context.new_page()
    page.wrong, page.elsewhere = [], []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda m: page.wrong.append(m.text) if _fault(m) else None)
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith((server.url, "blob:", "data:"))
            else page.elsewhere.append(r.url)
        ),
    )
    page.goto(server.url + address)
    page.wait_for_selector(WHOLE, state="attached", timeout=PATIENCE)
    return page


def _fault(message):
    """Whether the console complains of more than a refused programme."""
    return message.type == "error" and "422" not in message.text


def settled(page):
    """Until the last change is shown with its rivals."""
    page.wait_for_selector(WHOLE, state="attached", timeout=PATIENCE)


def arms_shown(page):
    """The names of the arms in the panel."""
    return page.locator(".armcard h3 button").all_inner_texts()


def event_days(page, arm, kind):
    """The days of one lane of the timeline."""
    events = page.locator(f'[data-lane="{arm}/{kind}"] button.ev')
    return [float(e.get_attribute("data-day")) for e in events.all()]


def outcomes(page):
    """The text of the table of outcomes."""
    return page.locator("#part-outcomes table").first.text_content()


def taken(page, button, folder):
    """The file that a button saves, as its bytes."""
    with page.expect_download(timeout=TAKEN) as waiting:
        button.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def ensure_drawing(file, *words):
    """An SVG file with these words in it and no colour that is left to a style sheet beside it."""
    text = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    told = " ".join(" ".join(root.itertext()).split())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(--" not in text
    for one in (*words, "Research, not for dosing a patient."):
        assert one in told


def ensure_picture(file, width):
    """A PNG at least so wide, in which something is drawn."""
    from matplotlib import image

    found = image.imread(file)
    assert found.shape[1] >= width
    assert found[..., :3].std() > 0.01


def violations(page):
    """Rule and place of each breach of WCAG 2 A or AA.

    All rules are asked of everything; ``resultTypes``: what passes is not written out.
    """
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    asked = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    results = Axe().run(page, options=asked)
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]][:3])
        for rule in results.response["violations"]
    ]
