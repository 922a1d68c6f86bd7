import numpy as np

from spectra_classifier.core import yardsticks


def test_each_yardstick_sees_what_it_can():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    spectra = random.normal(1, 0.02, (200, 30))
    spectra[:, 10:20] *= 1 + labels[:, None]        # a region grows
    spectra *= random.uniform(0.3, 3, (200, 1))     # pulses differ
    bins = ((0, 10), (10, 20), (20, 30))
    fitted = yardsticks.fit(spectra, labels, 2, bins)
    assert [10, 20] in fitted["two_region_ratio"]["regions"]
    answers = yardsticks.predict(fitted, spectra)
    assert (answers["two_region_ratio"] == labels).all()
    assert (answers["total_intensity"] == labels).mean() < 0.9


def test_spectra_without_signal_do_no_harm():
    fitted = yardsticks.fit(np.zeros((4, 6)), np.array([0, 0, 1, 1]), 2,
                        ((0, 3), (3, 6)))
    answers = yardsticks.predict(fitted, np.zeros((2, 6)))
    assert {len(answer) for answer in answers.values()} == {2}
