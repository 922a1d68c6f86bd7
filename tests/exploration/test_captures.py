"""Clusters with names become captures that remember where they come from."""
import numpy as np
import pytest

import spectra_classifier
from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset, labelled_by_clusters
from spectra_classifier.errors import InputError
from spectra_classifier.exploration import captures, clusters
from spectra_classifier.model import verdict

X = np.arange(40.)
STATE = np.repeat([0, 1, 0, 1, 0, 1, 0, 1], 30)


@pytest.fixture(scope="module")
def exploration():
    random = np.random.default_rng(5)
    place = np.where(STATE, 25, 12)[:, None]
    return spectra_classifier.explore(
        100 * np.exp(-(X - place) ** 2 / 8)
        + 80 * np.exp(-(X - 33) ** 2 / 8)
        + random.normal(20, 2, (len(STATE), 40)), axis=X + 500)


def test_every_stretch_is_a_capture(exploration):
    assert exploration.count == 2 and len(exploration.changes) == 7
    data = exploration.to_captures({0: "low", 1: "high"})
    assert data.dataset.classes == ("low", "high")
    np.testing.assert_array_equal(np.unique(data.captures), np.arange(8))
    np.testing.assert_array_equal(data.labels == "high", STATE[data.numbers])
    # the ends of a stretch may be on their way
    assert len(data) == len(STATE) - 16
    one = exploration.to_captures({1: "high"})
    assert set(one.labels) == {"high"} and len(one) == len(data) // 2
    same = exploration.to_captures({0: "x", 1: "x"})
    assert same.dataset.classes == ("x",)


def test_names_that_cannot_be(exploration, subtests):
    for names, said in (
            ({2: "low"}, "there are 2"), ({-1: "low"}, "there are 2"),
            ({0: ""}, "name the state"), ({0: "unknown"}, "something else"),
            ({}, "no cluster with a name"), ({0: "a\nb"}, "printable")):
        with subtests.test(str(names)), pytest.raises(InputError, match=said):
            exploration.to_captures(names)


def test_a_cluster_that_never_lasts_gives_no_capture():
    found = clusters.Clusters(np.array([0, 1] * 5), 1, 2,
                              np.zeros((10, 2)))
    with pytest.raises(InputError, match="follow each other"):
        captures.captures(Dataset(spectra_classifier.Axis.channels(3),
                                  np.zeros((10, 3))), found, {0: "low"})


def test_the_verdict_knows_it_through_files(exploration, tmp_path):
    data = exploration.to_captures({0: "low", 1: "high"})
    files.write_dataset(tmp_path / "a.npz", data.dataset)
    files.write_dataset(tmp_path / "b.h5", files.read(tmp_path / "a.npz"))
    again = spectra_classifier.read(tmp_path / "b.h5")
    assert labelled_by_clusters(again.dataset.provenance)
    model = spectra_classifier.train(again, members="linear")
    tests = model.report["null_tests"]
    assert tests["verdict"] == "chosen by the data" and not tests["arm"]
    assert any("clusters of these spectra" in text
               for text in model.report["warnings"])
    assert "chosen by the data" in verdict.objection(model.manifest)
    # the same spectra with labels of their own
    own = spectra_classifier.train(
        np.asarray(again), again.labels, groups=again.captures,
        members="linear")
    assert own.report["null_tests"]["verdict"] == "separable"


@pytest.mark.parametrize("provenance", [
    {}, None, {"labels_from": "a file"}, {"origin": "clusters"},
    {"origin": {"origin": {}}}, {"labels_from": ["clusters"]}])
def test_other_provenances_are_not_clusters(provenance):
    assert not labelled_by_clusters(provenance)


def test_the_object_in_a_notebook(exploration, tmp_path):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    assert "clusters: 2 (120, 120)" in repr(exploration)
    assert "<table>" in exploration._repr_html_()
    axes = Figure().subplots()
    assert exploration.plot(axes) is axes and len(axes.lines) == 2
    page = exploration.to_html("a <b>")
    assert "Map of a &lt;b&gt;" in page and "http" not in page
    assert page.count("data:image/png;base64,") == 3
    assert "What to do next" in page
