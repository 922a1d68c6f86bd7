"""What mean fractions of a mixture owe to the captures of the training."""
import numpy as np
from numpy.typing import NDArray

from ..core.engine.mean_mixture import amounts, measured, scatter
from ..core.model_definition import MixtureError, ModelDefinition
from .labelled import LabelledDataset

#: spectra of a capture that are compared, at most
MOST = 256


def of_captures(dataset: LabelledDataset,
                definition: ModelDefinition) -> MixtureError | None:
    """The `MixtureError` of labelled data (dark subtracted).

    Each capture is compared with the classes without it, and should be of its
    own class alone. The noise of its own spectra is subtracted from the
    square of its error; that of the references is what is left at least.
    None where a class has a single capture with signal, or captures are not
    known.
    """
    captures = dataset.captures
    if captures is None or dataset.fewest_captures < 2:
        return None
    lit = dataset.spectra.mean(axis=1) >= definition.min_intensity
    taken = [_taken(dataset, np.flatnonzero(lit & (captures.of == number)),
                    definition) for number in range(len(captures.labels))]
    labels = captures.labels[[len(each) > 1 for each in taken]]
    taken = [each for each in taken if len(each) > 1]
    classes = len(dataset.classes)
    count = np.bincount(labels, minlength=classes)
    if count.min() < 2:
        return None
    means = np.stack([each.mean(axis=0) for each in taken])
    wrong, noise = np.empty((2, len(means), classes))
    size = np.empty(len(means))
    for number, spectra in enumerate(taken):
        rest = np.arange(len(means)) != number
        references = np.stack([means[rest & (labels == c)].mean(axis=0)
                               for c in range(classes)])
        found = amounts(spectra, references)
        mean = found.mean(axis=0)
        if not mean.sum() > 0:
            return None
        wrong[number] = mean / mean.sum() - (
            np.arange(classes) == labels[number])
        noise[number] = scatter(found)
        size[number] = np.log(mean.sum())
    # against the others of its class a capture differs by n / (n - 1) times
    # as much as against all n of them
    size *= 1 - 1 / count[labels]
    freedom = len(means) - classes
    mine = np.bincount(labels, size) / count
    spread = np.square(size - mine[labels]).sum() / freedom
    known, fewest = noise.mean(axis=0), count.min()
    # a mean of n captures errs less than one of n - 1
    more = 1 - 1 / fewest**2
    errors = np.maximum((np.square(wrong).mean(axis=0) - known) * more,
                        known / fewest)
    return MixtureError(tuple(np.sqrt(errors).tolist()),
                        tuple(np.sqrt(spread / count).tolist()), freedom)


def _taken(dataset: LabelledDataset, rows: NDArray[np.int64],
           definition: ModelDefinition) -> NDArray[np.float64]:
    """What is compared of some of the spectra of a capture, (P, G)."""
    if not len(rows):
        return np.empty((0, 0))
    step = -(-len(rows) // MOST)
    if definition.preprocessing.baseline.mode != "none":
        return measured(dataset.spectra[rows[::step]],
                        definition.preprocessing)
    # all of them tell the strength of a state
    parts = [rows[first:first + step] for first in range(0, len(rows), step)]
    return measured(np.stack([
        dataset.spectra[part].mean(axis=0, dtype=np.float64)
        for part in parts]), definition.preprocessing)
