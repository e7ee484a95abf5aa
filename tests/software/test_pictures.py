"""Do the pictures of the README show the package as it is, with the words that must stand there?"""

import importlib.util
import re
import sys
from xml.etree import ElementTree

import pytest

from resynapse.protocol import load
from resynapse.report.arms import styles
from resynapse.report.sections.survival import ABSTINENCE, survival_figure
from resynapse.trial.fitted import fitted_for
from resynapse.trial.parameter_set import CALIBRATED, middle
from resynapse.trial.provenance import manifest
from software.report_example import toy_result

LARGEST = 200_000
"""bytes of a picture"""


@pytest.fixture(scope="module")
def docs(root):
    return root / "docs"


def text_of(picture):
    """All words that a reader sees."""
    return " ".join(ElementTree.fromstring(picture.read_text(encoding="utf-8")).itertext())


def script(docs, name):
    sys.path.insert(0, str(docs))
    spec = importlib.util.spec_from_file_location(name, docs / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    sys.path.remove(str(docs))
    return module


def test_the_picture_of_the_chain_is_what_its_script_draws(docs):
    drawn = script(docs, "draw_chain").picture()

    assert (docs / "chain.svg").read_text(encoding="utf-8") == drawn, "python docs/draw_chain.py"


def test_the_picture_of_a_result_says_what_it_is_and_is_not(docs):
    words = text_of(docs / "krupitsky-2002.svg")

    for said in (
        *("not for dosing a patient", "calibrated, others prior", "only expectancy acts"),
        *("band: 95", "Krupitsky et al. 2002", "retrospective", "% abstinent", "months since"),
        script(docs, "draw_krupitsky").COMMAND,
    ):
        assert said in words, said


def test_the_picture_of_a_result_is_of_the_model_as_it_is_now(docs):
    drawing = script(docs, "draw_krupitsky")
    patient = middle("heroin", fitted_for(CALIBRATED, "heroin"))
    now = manifest(load(drawing.PROTOCOL), patient, drawing.SEED, 1, "native", None, None, 0)

    words = text_of(docs / "krupitsky-2002.svg")

    for name in ("protocol_hash", "parameter_hash"):
        assert f"{name}={now[name]}" in words, "python docs/draw_krupitsky.py, some minutes"


def test_the_picture_of_a_result_holds_the_drawing_of_the_report(docs):
    result = toy_result()
    figure = survival_figure(result, styles(result), ABSTINENCE, half=False)

    made = script(docs, "draw_krupitsky").picture(result)

    assert str(figure.drawing).removeprefix("<svg ") in made
    ElementTree.fromstring(made)


def test_the_readme_shows_its_pictures_in_words_too(root, docs):
    shown = re.findall(r"!\[([^\]]+)\]\((\S+)\)", (root / "README.md").read_text(encoding="utf-8"))

    assert {path for _, path in shown} == {
        "docs/chain.svg", "docs/krupitsky-2002.svg", "docs/page.png",
    }  # fmt: skip
    for words, path in shown:
        assert len(words) > 60
        assert (root / path).stat().st_size < LARGEST
