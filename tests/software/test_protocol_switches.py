"""Does a protocol turn contested mechanisms on and off?"""

import numpy as np
import pytest

from resynapse.patient import SWITCHES
from resynapse.protocol import ProtocolError, check, dump, parse, schema
from resynapse.protocol.switches import Switches
from resynapse.trial.simulate import simulate
from software.protocol_example import EXAMPLE

SHORT = EXAMPLE.replace("day 7 + 24 months", "12 d") + "endpoints: [lapse_7_days]\n"
WITHOUT = "switches: {window_gain: off, experience: off}\n"


def test_every_switch_of_the_model_can_stand_in_a_protocol():
    assert set(Switches.model_fields) == set(SWITCHES)
    assert set(SWITCHES) <= set(schema()["$defs"]["Switches"]["properties"])


def test_what_a_protocol_switches_is_as_if_the_command_line_had_and_gives_way_to_it():
    asked = {"window_gain": False, "experience": False}

    def recovery(text, switches=None):
        run = simulate(
            parse(text, "test"), patients=32, draws=0, parameters="prior", switches=switches,
            rivals=False,
        )  # fmt: skip
        return np.asarray(run.chronic["recovery"])

    in_file, default = recovery(SHORT + WITHOUT), recovery(SHORT)
    assert np.array_equal(in_file, recovery(SHORT, asked))
    assert not np.array_equal(in_file, default)
    assert np.array_equal(recovery(SHORT + WITHOUT, dict.fromkeys(asked, True)), default)


def test_check_says_what_is_switched_and_a_written_protocol_keeps_it():
    protocol = parse(EXAMPLE + WITHOUT, "test")

    assert any("switch window_gain" in str(finding) for finding in check(protocol))
    assert parse(dump(protocol), "again").switches == protocol.switches


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("switches: {window_gian: off}\n", "Did you mean window_gain"),
        ("switches: {window_gain: perhaps}\n", "'perhaps' is neither on nor off. Write on or off."),
    ],
)
def test_a_wrong_switch_is_refused_in_a_sentence(line, said):
    with pytest.raises(ProtocolError, match=said):
        parse(EXAMPLE + line, "test")
