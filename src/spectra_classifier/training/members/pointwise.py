"""Point-wise members from labelled, preprocessed spectra."""
import numpy as np
import torch

from .augment import augment
from .fitted import Fitted
from .pointwise_network import Ensemble, Scaling, optimise


def steps(options, in_fold):
    """Number of progress steps of one `fit`."""
    return options.fold_epochs if in_fold else options.epochs


def fit(task, rows, options, in_fold, tick):
    """A `Fitted` ensemble from the spectra `rows` of a `Task`."""
    torch.set_num_threads(options.threads)
    seed = options.seed
    spectra, labels = augment(task.spectra[rows], task.labels[rows], options,
                              np.random.default_rng(seed))
    x = np.stack([task.axis.values[start:stop] for start, stop in task.bins])
    scaling = Scaling(x, _per_bin(spectra, task.bins), options.input_scaling)
    scaled_x, scaled_y = scaling.apply(x, _per_bin(spectra, task.bins))
    ensemble = Ensemble(len(task.bins), options.hidden, task.classes,
                        torch.Generator().manual_seed(seed))
    accuracy, loss = optimise(
        ensemble, scaled_x, scaled_y, labels, task.classes, options,
        steps(options, in_fold),
        options.fold_points if in_fold else options.max_points, seed, tick)

    def votes(spectra):
        return ensemble.votes(*scaling.apply(x, _per_bin(spectra,
                                                         task.bins)))

    return Fitted(scaling.fold(ensemble), votes, accuracy, loss)


def _per_bin(spectra, bins):
    """(K, n) -> (K, B, N): equal bins, one behind the other."""
    return np.stack([spectra[:, start:stop] for start, stop in bins], axis=1)
