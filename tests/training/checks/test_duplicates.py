import numpy as np

from spectra_classifier.core.evaluation.taught_spectra import marks
from spectra_classifier.training.checks import duplicates
from spectra_classifier.training.fit import train
from tests.training.conftest import FAST, dataset_of


def warnings(spectra, labels, groups=None):
    return duplicates.warnings(
        marks(spectra), np.array(labels), groups, np.arange(len(labels)),
        ("cold", "hot"))


def test_equal_spectra_of_two_classes_and_copies(subtests):
    spectra = np.random.default_rng(0).random((8, 50))
    labels = [0, 0, 0, 0, 1, 1, 1, 1]
    captures = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    with subtests.test("none"):
        assert warnings(spectra, labels) == []
    with subtests.test("two classes"):
        spectra[6] = 3 * spectra[1] + 2         # another unit and offset
        text = " ".join(warnings(spectra, labels, captures))
        assert "spectra 1 and 6 are equal" in text
        assert "'cold', the other 'hot'" in text
    with subtests.test("one capture"):
        spectra[6] = spectra[7]
        assert warnings(spectra, labels, captures) == []
        assert "1 spectra are copies" in warnings(spectra, labels)[0]
    with subtests.test("two captures"):
        spectra[6] = spectra[5]
        text, = warnings(spectra, labels, captures)
        assert "such as 6 of 5 in another capture" in text


def test_the_report_of_a_training_has_them():
    data = dataset_of()
    data.spectra[20] = data.spectra[3]
    from dataclasses import replace
    report = train(data, replace(FAST, members="linear")).report
    assert any("spectra 3 and 20 are equal" in text
               for text in report["warnings"])
