"""Is a run begun that was killed before it wrote what it was asked for, or while put away?"""

import numpy as np
import pytest

from resynapse.cli.resume import chunks_of, ensure_not_begun
from resynapse.engine.checkpoint import ASKED, Checkpoint
from resynapse.input_error import InputError


def test_a_run_killed_before_it_wrote_what_it_was_asked_for_may_be_begun_again(tmp_path):
    folder = tmp_path / "out"
    chunks = chunks_of(folder)
    chunks.mkdir()
    for left in ("lock", "half-written"):
        (chunks / left).write_text("{")

    ensure_not_begun(folder)

    (chunks / "asked.json").write_text("{}")
    with pytest.raises(InputError, match="was begun and is not finished; go on with"):
        ensure_not_begun(folder)


def test_chunks_of_a_run_that_nobody_knows_the_question_of_are_not_taken_for_those_of_another(
    tmp_path,
):
    first = Checkpoint(tmp_path, {"seed": 1})
    first.put(0, {"value": np.zeros(3)})
    first.close()
    (tmp_path / ASKED).unlink()

    other = Checkpoint(tmp_path, {"seed": 9})

    assert not other.files and not list(tmp_path.glob("*.npz"))
    other.close()
