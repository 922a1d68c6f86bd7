"""Point-wise members, fitted to labelled, preprocessed spectra."""
import numpy as np
import torch
from numpy.typing import NDArray

from ..options import TrainingOptions
from .augment import augment
from .fitted import Fitted, Task, Tick
from .pointwise_network import Ensemble, Scaling, optimise


def steps(options: TrainingOptions, in_fold: bool) -> int:
    """Number of progress steps of one `fit`."""
    return options.fold_epochs if in_fold else options.epochs


def fit(task: Task, rows: NDArray[np.int64], options: TrainingOptions,
        in_fold: bool, tick: Tick) -> Fitted:
    """Members fitted to the spectra `rows` of a task."""
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

    def votes(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
        return ensemble.votes(*scaling.apply(x, _per_bin(spectra,
                                                         task.bins)))

    return Fitted(scaling.fold(ensemble), votes, accuracy, loss)


def _per_bin(spectra: NDArray[np.float32],
             bins: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """(K, n) -> (K, B, N): equal bins, one after the other."""
    return np.stack([spectra[:, start:stop] for start, stop in bins], axis=1)
