"""The model of before and the model of now."""
from types import SimpleNamespace

from spectra_classifier.live.configuration.restart_check import Restart

BEFORE = {"kind": "model", "new": "old-1", "identity": "aa"}


def model(identity, name="new-2"):
    return SimpleNamespace(identity=identity, definition=SimpleNamespace(
        model_id=name))


def started(before, now):
    restart = Restart()
    restart.before = before
    restart.live(now)
    return restart


def test_the_same_model_is_no_news():
    assert started(BEFORE, model("aa")).difference == ""


def test_the_first_start_has_nothing_to_compare_with():
    assert started(None, model("aa")).difference == ""
    assert started({"new": "", "identity": ""}, model("aa")).difference == ""


def test_another_model_is_shown_until_somebody_has_armed_it():
    restart = started(BEFORE, model("bb"))
    assert "old-1 was live, now it is new-2" in restart.difference
    assert restart.remembered == {"new": "old-1", "identity": "aa"}
    assert not restart.live(model("bb"))       # another configuration of it
    assert restart.difference
    restart.seen()
    assert restart.difference == ""
    restart.live(model("bb"))
    assert restart.difference == ""


def test_another_model_that_somebody_sets_is_wanted():
    restart = started(BEFORE, model("bb"))
    restart.live(model("cc"))
    assert restart.difference == ""


def test_no_model_at_all():
    restart = started(BEFORE, None)
    assert "old-1 was live, now there is none" in restart.difference
    restart.live(model("aa"))
    assert restart.difference == ""
