"""Training ends, whatever the number of classes."""
import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import InputError
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions


def dataset(classes, names=None, channels=24):
    rng = np.random.default_rng(0)
    base = rng.uniform(50, 150, (classes, channels))
    spectra = np.concatenate([rng.poisson(row, (4, channels))
                              for row in base])
    return Dataset(Axis.channels(channels), spectra.astype(np.float32),
                   np.repeat(np.arange(classes), 4),
                   names or tuple(f"c{number}" for number in range(classes)),
                   np.repeat(np.arange(classes), 4))


@pytest.mark.parametrize(("classes", "channels"), [
    (64, 80), (32, 24)])     # and more classes than channels
def test_a_model_of_many_classes(classes, channels, tmp_path):
    path = tmp_path / "m.onnx"
    train(dataset(classes, channels=channels), TrainingOptions(
        members="linear", bins=2, folds=2)).save(path, licence="none")
    assert len(model.load(path).definition.classes) == classes


REFUSED = [
    (dataset(128), "128 classes"),
    (dataset(2, ("a", "a ")), "blanks at the ends"),
    (dataset(2, ("a b", "a  b")), "look alike"),
    (dataset(2, ("a", "b\x1b[31m")), "printable")]


def test_what_no_model_can_have_is_refused_before_the_work(subtests):
    for data, words in REFUSED:
        with subtests.test(words=words):
            steps = []
            with pytest.raises(InputError, match=words):
                train(data, TrainingOptions(members="linear", bins=2),
                      lambda *step, steps=steps: steps.append(step))
            assert not steps
