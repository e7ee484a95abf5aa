"""Can the commands of README and the pages be typed as they stand?"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from resynapse.cli.command_line import app

ROOT = Path(__file__).parents[2]
TOP = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "MODEL_CARD.md")]
PAGES = [*TOP, *sorted((ROOT / "docs").glob("*.md"))]
MADE = re.compile(r"(?:>|--draws|--plot|--output) +(\S+)")
"""Files and folders that a command makes, for later ones to read"""
NAMED = {"MissingParameter", "NoArgsIsHelpError"}
"""what is wrong with a command that a text names, and does not show with all that it asks for"""


def commands(page):
    """Every command of the page's blocks of commands, whole."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:bash|sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [line.partition("  #")[0].strip() for line in lines]
    return [line for line in found if line.startswith("resynapse ") and "[" not in line]


def in_text(page):
    """Every command that stands in the text of a page, between backticks; N is any number."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = re.findall(r"`(resynapse\s[^`]+)`", text)
    found = [re.sub(r" N\b", " 1", " ".join(line.split())) for line in lines]
    return [line for line in found if not set(line) & set("[|") and "..." not in line]


def parsed(line):
    """The command's options, as click reads them; raises where there is none such."""
    words = shlex.split(re.split(r" [>|] ?", line)[0])[1:]
    command, context, name = typer.main.get_command(app), None, "resynapse"
    while hasattr(command, "resolve_command") and words and not words[0].startswith("-"):
        context = typer.Context(command, info_name=name, parent=context)
        if context.command.get_command(context, words[0]) is None and context.parent:
            return {}  # a word of a group that answers by itself
        name, command, words = command.resolve_command(context, words)
    return command.make_context(name, list(words), parent=context).params


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_has_the_options_that_it_is_given(page):
    named = in_text(page)
    for line in [*commands(page), *named]:
        try:
            parsed(line)
        except typer.Exit:
            pass  # it printed its help, or the version
        except Exception as error:
            if line in named and type(error).__name__ in NAMED:
                continue
            pytest.fail(f"{line}: {type(error).__name__} {getattr(error, 'message', error)}")


def test_a_command_in_the_text_of_a_page_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("`resynapse run X --draws N` or `resynapse\nrun X --oops`\n", "utf-8")

    assert in_text(page) == ["resynapse run X --draws 1", "resynapse run X --oops"]
    assert parsed(in_text(page)[0])["draws"] == 1
    with pytest.raises(Exception, match="No such option"):
        parsed(in_text(page)[1])


@pytest.mark.parametrize("name", ["README.md", "docs/power.md"])
def test_each_file_that_a_command_reads_is_there_or_was_made_by_one_before(name):
    made = set()
    for line in commands(ROOT / name):
        for word in re.findall(r"(?<![\w/-])[\w./-]+\.(?:yaml|csv)\b", line):
            here = word in MADE.findall(line) or word.split("/")[0] in made
            assert here or word in made or (ROOT / word).exists(), line
        made |= set(MADE.findall(line))


def test_readme_has_commands_of_every_kind():
    kinds = {line.split()[1] for line in commands(ROOT / "README.md")}

    assert {"run", "check", "power", "design", "analyse", "endpoints", "elicit"} <= kinds


def test_a_command_with_an_option_that_is_not_there_is_found():
    assert parsed("resynapse power dakwar-2019 --endpoint lapse_30_days")["endpoint"]
    for line in ("resynapse power X --sample 3", "resynapse desing means", "resynapse run X --n a"):
        with pytest.raises(Exception, match="No such|Got unexpected|No such command"):
            parsed(line)
