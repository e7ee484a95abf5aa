"""Does the page about the model say what the package says?"""

import importlib.util
import sys

import pytest

COMMAND = "python docs/build_model_page.py brings the page up to date"


@pytest.fixture(scope="module")
def builder(root):
    """The script that fills the page."""
    spec = importlib.util.spec_from_file_location(
        "build_model_page", root / "docs" / "build_model_page.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def text(builder):
    return builder.PAGE.read_text(encoding="utf-8")


def test_the_page_shows_equations_and_numbers_as_the_package_has_them_now(builder, text):
    assert builder.built(text) == text, COMMAND


def test_every_equation_and_number_of_every_link_stands_on_the_page(builder, text):
    missing = set(builder.documented()) - builder.asked(text)

    assert not missing, f"name these in docs/model.md, between markers: {missing}"


def test_every_equation_of_a_docstring_stands_there_word_by_word(builder, text):
    lost = [line for line in builder.equations() if line not in text]

    assert not lost


def test_what_stands_between_markers_is_replaced_and_nothing_else(builder, text):
    spoiled = text.replace("W_0", "W0").replace("dP/dt = k_P N (1 - P)", "dP/dt = k_P N", 1)

    assert spoiled != text and builder.built(spoiled) == text
    assert builder.built("own words\n") == "own words\n"
