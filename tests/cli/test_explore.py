"""`explore` and `scan` on files."""
import csv

import h5py
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis

X = np.linspace(10, 20, 40)


@pytest.fixture
def stream_file(tmp_path):
    """Three stretches of each of two states, without labels."""
    random = np.random.default_rng(0)
    place = np.where(np.arange(180) // 30 % 2, 25, 5)[:, None]
    spectra = (100 * np.exp(-(np.arange(40) - place) ** 2 / 8)
               + 60 * np.exp(-(np.arange(40) - 33) ** 2 / 8)
               + random.normal(20, 1, (180, 40)))
    path = tmp_path / "stream.h5"
    files.write_dataset(path, Dataset(Axis(X, "two_theta", "deg"), spectra))
    return path


def test_from_no_label_to_a_model(run, stream_file, tmp_path):
    page, captures = tmp_path / "map.html", tmp_path / "captures.npz"
    report = run("explore", stream_file, "-o", page, "--write", captures,
                 "--name", "0=low", "--name", "1=high", "--json").document
    assert report["clusters"] == [90, 90] and report["dim"] == 0
    assert [each["at"] for each in report["changes"]] == [
        30, 60, 90, 120, 150]
    assert report["written"] == [str(page), str(captures)]
    assert "<h2>Map</h2>" in page.read_text()
    image = tmp_path / "map.png"
    run("explore", stream_file, "-o", image)
    assert image.read_bytes().startswith(b"\x89PNG")
    data = files.read(captures)
    assert data.classes == ("low", "high") and data.axis.unit == "deg"
    assert len(np.unique(data.groups)) == 6
    words = run("explore", stream_file)
    assert words.code == 0 and "2 clusters, 5 changes" in words.stdout
    outcome = run("train", captures, "-o", tmp_path / "m.onnx", "--members",
                  "linear")
    assert outcome.code == 0 and "chosen by the data" in outcome.stdout


def test_what_explore_refuses(run, stream_file, tmp_path, subtests):
    out = tmp_path / "c.npz"
    for words, said in (
            (("--write", out), "go together"),
            (("--name", "0=low"), "go together"),
            (("--write", out, "--name", "low"), "such as 0=low"),
            (("--write", out, "--name", "0=a", "--name", "0=b"), "already"),
            (("--write", out, "--name", "7=a"), "there are 2"),
            (("--write", out, "--name", "0=dark"), "something else"),
            (("--write", tmp_path / "c.txt", "--name", "0=a"), "c.txt"),
            (("-o", tmp_path / "map.pdf"), "map.pdf"),
            (("--write", stream_file, "--name", "0=a"), "is an input")):
        with subtests.test(" ".join(map(str, words))):
            outcome = run("explore", stream_file, *words)
            assert outcome.code == 2 and said in outcome.stderr
            assert not out.exists()


@pytest.fixture
def result(run, model_file, tmp_path):
    """A result of spectra between the two states, up and down."""
    random = np.random.default_rng(1)
    share = np.repeat(np.concatenate([np.linspace(0, 1, 16),
                                      np.linspace(1, 0, 16)]), 6)[:, None]
    low, high = (np.exp(-(np.arange(40) - place) ** 2 / 8)
                 for place in (5, 25))
    spectra = (100 * (1 - share) * low + 100 * share * high
               + random.normal(20, 1, (len(share), 40)))
    files.write_dataset(tmp_path / "way.h5", Dataset(
        Axis(X, "two_theta", "deg"), spectra.astype(np.float32)))
    path = tmp_path / "result.h5"
    assert run("classify", model_file, tmp_path / "way.h5", "-o", path,
               "--engine", "numpy").code == 0
    with open(tmp_path / "values.csv", "w") as file:
        file.write("spectrum,pressure\n")
        up = np.arange(16)
        for number, value in enumerate(np.repeat([*up, *up[::-1]], 6)):
            file.write(f"{number},{value}\n")
    return path


def test_a_scan_is_shown_and_written(run, result, tmp_path):
    outputs = [tmp_path / f"scan{suffix}"
               for suffix in (".png", ".csv", ".h5")]
    words = [word for path in outputs for word in ("-o", path)]
    report = run("scan", result, "--values", tmp_path / "values.csv",
                 "--unit", "GPa", "--data", tmp_path / "way.h5", "--region",
                 "left=9:14", *words, "--json").document
    assert report["by"] == "pressure" and report["steps"] == 31
    assert [(each["before"], each["after"])
            for each in report["transitions"]] == [
                ("cold", "hot"), ("hot", "cold")]
    for each in report["transitions"]:
        assert each["found"]["midpoint_low"] < 7.5 < (
            each["found"]["midpoint_high"])
    assert report["hysteresis"][0]["low"] < 0 < (
        report["hysteresis"][0]["high"])
    assert outputs[0].read_bytes().startswith(b"\x89PNG")
    with open(outputs[1], newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 31 and float(rows[0]["share cold"]) == 1
    # the left line loses its photons
    assert float(rows[0]["left intensity"]) > 3 * float(
        rows[12]["left intensity"] or 0)
    assert float(rows[0]["left position"]) == pytest.approx(X[5], abs=0.02)
    with h5py.File(outputs[2]) as file:
        group = file["entry"][file["entry"].attrs["default"]]
        assert group.attrs["signal"] == "mixture_cold"
        assert group["position"][3] == 3
        np.testing.assert_allclose(group["mixture_hot"][15], 1, atol=0.05)
    shown = run("scan", result, "--values", tmp_path / "values.csv")
    assert "Hysteresis" in shown.stdout and "pressure" in shown.stdout


def test_what_scan_refuses(run, result, tmp_path, subtests):
    table = tmp_path / "v.csv"
    values = tmp_path / "values.csv"
    for text, words, said in (
            ("", (), "either --by"),
            ("", ("--by", "A/B/C.d", "--values", values), "either --by"),
            ("", ("--by", "A/B/C.d"), "belong to no train"),
            ("train_id,x\n1,a\n", ("--values", table), "line 2"),
            ("train_id,x\n1,inf\n", ("--values", table), "infinite"),
            ("train_id,x\n1,1\n1,2\n", ("--values", table), "twice"),
            ("train_id,x\n999,1\n", ("--values", table), "has no value"),
            ("time,x\n1,1\n", ("--values", table), "v.csv"),
            ("train_id,x,y\n1,1,1\n", ("--values", table), "and one value"),
            ("spectrum,x\n1,1\n2,1\n", ("--values", table),
             "does not change"),
            ("", ("--values", values, "--region", "a=1:2"), "go together"),
            ("", ("--values", values, "--data", tmp_path / "way.h5",
                  "--region", "a=2:1"), "two increasing"),
            ("", ("--values", values, "-o", tmp_path / "x.pdf"), "x.pdf"),
            ("", ("--values", values, "-o", values), "values.csv")):
        with subtests.test(said, words=str(words)):
            table.write_text(text)
            outcome = run("scan", result, *words)
            assert outcome.code == 2 and said in outcome.stderr
