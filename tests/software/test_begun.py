"""Is a run begun that was killed before it had written what it was asked for?"""

import pytest

from resynapse.cli.resume import chunks_of, ensure_not_begun
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
