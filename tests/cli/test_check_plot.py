"""Spectra as characters."""
import numpy as np

from spectra_classifier.cli import check_plot
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis


def drawn(spectrum, encoding="utf-8"):
    spectrum = np.asarray(spectrum, np.float64)
    axis = Axis(np.arange(len(spectrum)) + 5., "energy", "eV")
    return check_plot.text(Dataset(axis, spectrum[None]), encoding)


def test_the_peak_is_where_it_is():
    spectrum = np.zeros(144)
    spectrum[100] = 7
    lines = drawn(spectrum).split("\n")
    assert lines[0] == "spectrum 0, 0 to 7"
    assert lines[1].index("█") == 50
    assert len(lines[6]) == 72 and set(lines[6]) == {"▁", "█"}
    assert lines[7].split() == ["5", "148"]


def test_awkward_spectra(subtests):
    for spectrum in ([1, 2], [3, 3, 3], [-1e308, 1e308], [0, 5e-324],
                     np.arange(10_000)):
        with subtests.test(spectrum=str(spectrum)[:20]):
            lines = drawn(spectrum).split("\n")
            assert len(lines) == 9


def test_terminals_without_blocks():
    text = drawn([1, 2, 3], "ascii")
    assert text.isascii() and "#" in text
