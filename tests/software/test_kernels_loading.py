"""Is nothing looked through for what may go while kernels load, and is it looked through after?"""

import gc

import pytest

from resynapse.engine.loading import loading
from resynapse.engine.native import run


@pytest.fixture(autouse=True)
def looking():
    """As before, whatever a test leaves."""
    before = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if before else gc.disable)()


def test_nothing_is_looked_through_while_something_loads_and_it_is_after():
    with loading():
        within = gc.isenabled()

    assert not within
    assert gc.isenabled()


def test_it_is_put_off_until_the_last_who_loads_is_done():
    first, second = loading(), loading()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    within = gc.isenabled()
    second.__exit__(None, None, None)

    assert not within
    assert gc.isenabled()


def test_it_is_looked_through_again_where_loading_fails():
    with pytest.raises(OSError), loading():
        raise OSError

    assert gc.isenabled()


def test_who_had_it_put_off_before_has_it_put_off_still():
    gc.disable()

    with loading():
        pass

    assert not gc.isenabled()


def test_the_first_people_alone_go_through_while_kernels_load(monkeypatch):
    looked = []

    class Prepared:
        def __init__(self, *_):
            looked.append(gc.isenabled())

        def through(self, person):
            looked.append(gc.isenabled())
            return person

    monkeypatch.setattr(run, "Prepared", Prepared)
    through = run.prepared(None, None, None, 1)

    assert (through("first"), through("second")) == ("first", "second")
    assert looked == [False, False, True]
