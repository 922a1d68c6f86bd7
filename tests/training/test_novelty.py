"""The limit of the residual."""
import numpy as np

from spectra_classifier.training import novelty


def test_residuals_are_out_of_fold():
    random = np.random.default_rng(0)
    states = random.normal(size=(2, 50))
    labels = np.arange(40) % 2
    spectra = states[labels] + 0.1 * random.normal(size=(40, 50))
    fold = np.arange(40) // 2 % 4
    values = novelty.residuals(spectra, labels, 2, fold)
    means = np.stack([spectra[labels == c].mean(axis=0) for c in range(2)])
    inside = novelty.measure(spectra, means)[1]
    assert values.mean() > inside.mean()
    strange = novelty.measure(random.normal(size=(30, 50)), means)[1]
    assert strange.min() > novelty.limit(values)
    assert (values <= novelty.limit(values)).all()


def test_few_residuals_reach_further():
    values = np.full(4, 0.2)
    assert novelty.limit(values) > novelty.limit(np.full(400, 0.2)) > 0.2
    assert novelty.limit(values[:3]) == np.inf
    assert novelty.limit(np.full(40, np.nan)) == np.inf


def test_the_limit_keeps_nearly_all_training_spectra():
    values = np.random.default_rng(1).beta(2, 5, 2000)
    assert np.mean(values <= novelty.limit(values)) >= 0.995
