"""No beam told apart from sample gone, train by train."""
import numpy as np
import pytest

from spectra_classifier.core.decision import Alarm, Reaction
from spectra_classifier.core.decision.presence import (
    BEAM,
    NO_BEAM,
    NOT_KNOWN,
    NOTHING_KNOWN,
    SAMPLE_GONE,
    Presence,
)
from spectra_classifier.core.trains.accounting import TrainKind
from spectra_classifier.errors import ConfigurationError

DARK = Presence(NO_BEAM, "the shutter is closed")
GONE = Presence(SAMPLE_GONE, "the beam is there")
LOW = -2


def names(decision):
    return {alarm.name: alarm.severity for alarm in decision.alarms}


@pytest.mark.parametrize(("shown", "alarm", "severity"), [
    (DARK, "noBeam", Alarm.WARN), (GONE, "sampleGone", Alarm.ALARM)])
def test_the_reason_is_named_and_alarmed(granted, shown, alarm, severity):
    granted = granted()
    before = granted.play(*[0] * 5, presence=Presence(BEAM))
    assert before.permit
    assert before.presence.word == BEAM
    decision = granted.play(*[LOW] * 5, presence=shown)
    assert decision.sample_state_name == "unknown"
    assert not decision.permit
    assert decision.presence == shown
    assert decision.reason == (
        f"{shown.word}: {shown.sentence} (no class is decided for pulse "
        "pattern 'all')")
    assert names(decision)[alarm] is severity


def test_one_train_says_nothing_yet_and_without_context_nothing_changes(
        granted):
    granted = granted()
    granted.play(*[0] * 5, presence=Presence(BEAM))
    assert granted.play(LOW, presence=GONE).presence.word == BEAM
    decision = granted.play(*[LOW] * 5, presence=NOTHING_KNOWN)
    assert decision.presence == NOTHING_KNOWN
    assert decision.reason.startswith("no class is decided")
    assert not {"noBeam", "sampleGone"} & set(names(decision))


def test_a_restart_and_lost_trains_forget_what_was_seen(granted):
    granted = granted()
    granted.play(*[LOW] * 5, presence=GONE)
    assert granted.play(
        LOW, presence=GONE,
        kind=TrainKind.RESTART).presence.word == NOT_KNOWN
    granted.play(*[LOW] * 5, presence=GONE)
    assert granted.play(LOW, presence=GONE,
                        lost=4).presence.word == NOT_KNOWN


def test_a_reaction_of_its_own_comes_before_that_to_unknown(granted):
    granted = granted()
    granted.configure(reactions=(
        *granted.config.reactions,
        Reaction("unknown", Alarm.INTERLOCK), Reaction(NO_BEAM)))
    granted.play(*[0] * 6, presence=Presence(BEAM))
    decision = granted.play(*[LOW] * 6, presence=DARK)
    assert not decision.interlocked
    assert decision.sample_state_name == "unknown"
    assert "noBeam" not in names(decision)
    decision = granted.play(*[LOW] * 6, presence=GONE)
    assert decision.interlocked


def test_an_absence_never_permits(granted):
    granted = granted()
    with pytest.raises(ConfigurationError, match="nothing to be permitted"):
        granted.configure(reactions=(Reaction(NO_BEAM, permit=True),))
    assert not np.any(granted.play(*[LOW] * 6, presence=DARK).permit)
