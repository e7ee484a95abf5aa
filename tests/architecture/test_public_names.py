"""Is every public name there, and only when it is asked for?"""

from __future__ import annotations

import subprocess
import sys

import pytest

import resynapse


@pytest.mark.parametrize("name", resynapse.__all__)
def test_a_public_name_can_be_had(name):
    assert getattr(resynapse, name) is not None
    assert name in dir(resynapse)


def test_a_name_that_is_not_public_is_refused_by_name():
    with pytest.raises(AttributeError, match="no name 'cure'"):
        _ = resynapse.cure


def test_importing_the_package_imports_none_of_its_parts():
    asked = "import sys, resynapse; print(*[m for m in sys.modules if m.startswith('resynapse.')])"

    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert said.stdout.split() == []
