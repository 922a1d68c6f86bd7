"""What a few short captures teach, on the transition that follows them."""
from types import SimpleNamespace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core import decision
from spectra_classifier.core.evaluation import simple_references
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.model import make_engine
from spectra_classifier.simulation.captures import (
    CAPTURE_DISTANCE,
    take_captures,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.timeline import Timeline
from spectra_classifier.training import capture_training

FIRST, SEED, PULSES = 1000, 4, 80
#: captures of each class: against the drift of *hard* two may not do
CAPTURES = {"realistic": 2, "hard": 4}
#: trains of the transition: pure, on the way, pure
HOLD, MIXING = 15, 10
TRAINS = 2 * HOLD + MIXING


@pytest.fixture(scope="module", params=CAPTURES)
def lesson(request, tmp_path_factory):
    """Captures in turn, a training, the codes of the trains that follow."""
    dataset = take_captures(
        GotthardSource(preset(request.param), "ramp", SEED, FIRST),
        captures=CAPTURES[request.param], trains=10, pulses=PULSES)
    result, report = capture_training.train(dataset, time_budget=1.)
    path = tmp_path_factory.mktemp("taught") / "taught.onnx"
    manifest = result.save(path)
    source = GotthardSource(
        preset(request.param), "ramp", SEED, FIRST + 8 * CAPTURE_DISTANCE,
        Timeline(2, HOLD, MIXING))
    engine = make_engine(model.load(path), "numpy")
    settings = Settings(dark=source.dark, mask=source.dark == 0)
    seen = []
    for number in range(TRAINS):
        train_id = source.first_train + number
        sent = source.train(train_id, PULSES)
        bad = sent.gain.any(axis=1) | (sent.cell == 255)
        labels = engine.classify(make_train(
            train_id, sent.adc, verdicts=np.where(bad, Code.BAD_DATA, 0)
            .astype(np.int8)), settings).label
        seen.append(SimpleNamespace(
            train_id=train_id, labels=labels, truth=sent.label,
            spectra=sent.adc - source.dark, pure=sent.distance > 1,
            change=sent.transition))
    return SimpleNamespace(
        preset=request.param, report=report, trains=seen,
        yardsticks=manifest["training"]["yardsticks"])


def accuracy(lesson, called):
    """Of pure trains; an unknown is wrong."""
    right = count = 0
    for train in lesson.trains:
        judged = (train.labels >= Code.UNKNOWN) & (train.truth >= 0)
        if train.pure:
            right += np.count_nonzero(called(train)[judged]
                                      == train.truth[judged])
            count += np.count_nonzero(judged)
    assert count > 1000
    return right / count


def test_it_is_right_away_from_the_boundary(lesson):
    assert lesson.report["null_tests"]["verdict"] == "separable"
    own = accuracy(lesson, lambda train: train.labels)
    ratio = accuracy(lesson, lambda train: simple_references.predict(
        lesson.yardsticks, train.spectra)["two_region_ratio"])
    # one of a hundred may be unknown
    assert own > {"realistic": 0.97, "hard": 0.89}[lesson.preset]
    assert own > ratio + {"realistic": 0.02, "hard": 0.1}[lesson.preset]


def test_the_transition_is_found_within_two_trains(lesson):
    config = decision.DecisionConfig(classes=("a", "b"))
    state = decision.DecisionState()
    for number, train in enumerate(lesson.trains):
        state, said = decision.step(state, decision.Observation(
            train_id=train.train_id, labels=train.labels, time=number / 10,
            model=decision.ModelStanding(verified=True)), config)
    change = lesson.trains[HOLD].change
    assert HOLD < change - lesson.trains[0].train_id < HOLD + MIXING
    assert said.sample_state == 1
    assert abs(said.transition_train - change) <= 2
