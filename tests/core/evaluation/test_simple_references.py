import numpy as np

from spectra_classifier.core.evaluation import simple_references


def test_each_reference_sees_what_it_can():
    random = np.random.default_rng(0)
    labels = np.arange(200) % 2
    spectra = random.normal(1, 0.02, (200, 30))
    spectra[:, 10:20] *= 1 + labels[:, None]        # a region grows
    spectra *= random.uniform(0.3, 3, (200, 1))     # pulses differ
    bins = ((0, 10), (10, 20), (20, 30))
    fitted = simple_references.fit(spectra, labels, 2, bins)
    assert [10, 20] in fitted["two_region_ratio"]["regions"]
    answers = simple_references.predict(fitted, spectra)
    assert (answers["two_region_ratio"] == labels).all()
    assert (answers["total_intensity"] == labels).mean() < 0.9


def test_spectra_without_signal_do_no_harm():
    fitted = simple_references.fit(np.zeros((4, 6)), np.array([0, 0, 1, 1]), 2,
                        ((0, 3), (3, 6)))
    answers = simple_references.predict(fitted, np.zeros((2, 6)))
    assert {len(answer) for answer in answers.values()} == {2}


def test_the_regions_are_small_whatever_the_model_looks_at():
    labels = np.arange(60) % 2
    spectra = np.random.default_rng(0).normal(1, 0.02, (60, 45))
    spectra[:, 9:12] *= 1 + labels[:, None]
    fitted = simple_references.fit(spectra, labels, 2)
    assert [9, 12] in fitted["two_region_ratio"]["regions"]
    answers = simple_references.predict(fitted, spectra)
    assert (answers["two_region_ratio"] == labels).all()


def test_pulses_without_signal_do_not_move_the_centres():
    random = np.random.default_rng(2)
    labels = np.arange(400) % 2
    spectra = random.normal(1, 0.1, (400, 30))
    spectra[:, 10:20] *= 1 + labels[:, None]
    spectra[::9] = random.normal(0, 0.1, (45, 30))  # some below zero
    fitted = simple_references.fit(
        spectra, labels, 2, ((0, 10), (10, 20), (20, 30))
    )
    ratio = simple_references.predict(fitted, spectra)["two_region_ratio"]
    assert (ratio == labels)[np.arange(400) % 9 > 0].mean() > 0.99


def test_a_spectrum_that_is_not_finite_has_no_class():
    random = np.random.default_rng(0)
    labels = np.arange(20) % 2
    spectra = random.normal(1, 0.02, (20, 30))
    spectra[:, 10:20] *= 1 + labels[:, None]
    fitted = simple_references.fit(spectra, labels, 2)
    spectra[3] = np.nan
    for answer in simple_references.predict(fitted, spectra).values():
        assert answer[3] == -1
        assert (np.delete(answer, 3) >= 0).all()
