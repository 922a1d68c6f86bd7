"""Linear members: one shrinkage LDA per bin, in closed form.

Linear discriminant analysis with the pooled covariance within the classes,
channels standardised, shrunk towards a multiple of the identity by the
coefficient of O. Ledoit and M. Wolf (J. Multivariate Analysis 88, 365,
2004). Class priors are uniform.
"""
import numpy as np

from ..core.binwise import linear_votes
from ..core.definition import LinearMembers
from .fitted import Fitted


def steps(options, in_fold):
    """Number of progress steps of one `fit`."""
    return 1


def fit(task, rows, options, in_fold, tick):
    """A `Fitted` ensemble from the spectra `rows` of a `Task`."""
    labels = task.labels[rows]
    coefficients, intercepts = zip(*(
        discriminant(task.spectra[rows, start:stop].astype(np.float64),
                     labels, task.classes)
        for start, stop in task.bins), strict=True)
    members = LinearMembers(
        tuple(c.astype(np.float32) for c in coefficients),
        np.array(intercepts, np.float32))

    def votes(spectra):
        return linear_votes(members, task.bins, spectra)

    probability = votes(task.spectra[rows])
    hit = probability.argmax(axis=2) == labels[:, None]
    accuracy = np.mean([hit[labels == c].mean(axis=0)
                        for c in range(task.classes)], axis=0)
    of_truth = probability[np.arange(len(rows)), :, labels]
    loss = -np.log(np.maximum(of_truth, 1e-12)).mean(axis=0)
    tick(float(loss.mean()))
    return Fitted(members, votes, accuracy, loss)


def discriminant(spectra, labels, classes):
    """(coefficients (C, N), intercept (C,)) of LDA on spectra (K, N)."""
    means = np.stack([spectra[labels == c].mean(axis=0)
                      for c in range(classes)])
    within = spectra - means[labels]
    width = within.std(axis=0)
    width = np.where(width > 0, width, 1.)
    covariance = shrunk_covariance(within / width)
    centre = means.mean(axis=0)
    coefficients = np.linalg.solve(
        covariance, ((means - centre) / width).T).T / width
    intercept = -0.5 * (coefficients * (means + centre)).sum(axis=1)
    return coefficients, intercept


def shrunk_covariance(residuals):
    """Ledoit-Wolf estimate (N, N) from centred residuals (K, N)."""
    count, channels = residuals.shape
    empirical = residuals.T @ residuals / count
    mean = np.trace(empirical) / channels
    distance = (np.square(empirical).sum() / channels - mean ** 2)
    spread = (np.square(np.square(residuals).sum(axis=1)).sum() / count
              - np.square(empirical).sum()) / (count * channels)
    share = 1. if distance <= 0 else min(max(spread / distance, 0.), 1.)
    shrunk = (1 - share) * empirical
    # a floor keeps exactly collinear channels solvable
    shrunk.flat[::channels + 1] += max(share * mean, 1e-6 * mean, 1e-12)
    return shrunk
