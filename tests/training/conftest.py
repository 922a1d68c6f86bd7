"""A small labelled data set with captures, and options that are fast."""
import numpy as np

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.options import TrainingOptions

CHANNELS = 60
FAST = TrainingOptions(
    members="published",
    bins=3, baseline="none", hidden=12, epochs=60, fold_epochs=60, folds=2,
    learning_rate=0.03,
    copies=1)


def dataset_of(classes=2, each=12, captures=3, seed=0, spread=0.05,
               sha256=None):
    """A peak in the middle bin whose height tells the class.

    `each` spectra of every class in `captures` captures, classes in turn.
    """
    random = np.random.default_rng(seed)
    x = np.linspace(10, 16, CHANNELS)
    labels = np.repeat(np.arange(classes), each)
    peak = np.exp(-((x - 13) / 0.4) ** 2)
    spectra = (1 + (1 + labels[:, None]) * peak
               + spread * random.standard_normal((len(labels), CHANNELS)))
    groups = (np.tile(np.arange(each) * captures // each, classes) * classes
              + labels)
    provenance = {} if sha256 is None else {"path": "made", "sha256": sha256}
    return Dataset(Axis(x, "two_theta", "deg"), spectra, labels,
                   tuple(f"state {c}" for c in range(classes)), groups,
                   provenance=provenance)
