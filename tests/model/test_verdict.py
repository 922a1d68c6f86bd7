import json
from pathlib import Path

import pytest

from spectra_classifier.model.verdict import objection

MANIFESTS = Path(__file__).parents[2] / "manifest"
GOOD = {"metrics": {"guards": {"verdict": "separable", "words": "fine",
                               "arm": True}},
        "calibration": {"status": "calibrated", "samples": 591}}


def test_nothing_is_said_where_the_evidence_is_fine():
    assert objection(GOOD) == ""


DOUBTS = [
    ({"metrics": {}}, "no null test"),
    ({"metrics": {"guards": {"verdict": "not separable", "arm": False,
                             "words": "p >= 0.12"}}},
     "not separable: p >= 0.12"),
    ({"metrics": {"guards": {}}}, "not established"),
    ({"calibration": {"status": "uncalibrated", "samples": 2}},
     "uncalibrated (2 validated spectra of the rarest class, 50 are"),
    ({"calibration": {}}, "uncalibrated (0")]


def test_each_doubt_is_named_with_the_remedy(subtests):
    for change, words in DOUBTS:
        with subtests.test(words=words):
            said = objection(GOOD | change)
            assert words in said
            assert "model.overrideObjection" in said


def test_only_true_advises_arming(subtests):
    for arm in "false", "true", 1, [True], {"arm": True}:
        with subtests.test(arm=arm):
            guards = GOOD["metrics"]["guards"] | {"arm": arm}
            assert "separable: fine" in objection(GOOD | {
                "metrics": {"guards": guards}})


def test_all_doubts_are_named():
    said = objection({})
    assert "no null test" in said
    assert "uncalibrated" in said


@pytest.mark.parametrize(("name", "armable"), [
    ("gotthard2-ramp", True), ("published-ramp", False),
    ("fermentation-midir", False)])
def test_released_models_are_armed_where_their_evidence_is_fine(
        name, armable):
    path, = MANIFESTS.glob(f"{name}-*.json")
    assert (objection(json.loads(path.read_text())) == "") == armable
