"""classify and inspect on a model that exists."""
import json
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest

from spectra_classifier import files, model
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train


def test_classify_writes_what_the_engine_says(run, model_file, spectra_file,
                                              tmp_path):
    out = tmp_path / "result.h5"
    outcome = run("classify", model_file, spectra_file, "-o", out,
                  "--engine", "numpy", "--json")
    report = outcome.document
    assert report["spectra"] == report["classified"] == 60
    assert report["classes"] == {"cold": 30, "hot": 30}
    data = files.read(spectra_file)
    engine = model.make_engine(model.load(model_file), "numpy")
    expected = engine.classify(make_train(0, data.spectra), Settings())
    with h5py.File(out) as file:
        for name in "label", "confidence", "residual":
            np.testing.assert_array_equal(
                file[f"entry/result/{name}"], getattr(expected, name))
        np.testing.assert_array_equal(file["entry/scores/mixture"],
                                      expected.mixture)
        process = file["entry/process"]
        assert (process["input/checksum"].asstr()[()]
                == files.checksum(spectra_file))
        manifest = json.loads(process["model/data"].asstr()[()])
    assert manifest["id"] == report["model"]


@pytest.mark.parametrize("engine", ["onnxruntime", "fused"])
def test_engines_write_the_same_labels(run, model_file, spectra_file,
                                       tmp_path, engine):
    labels = []
    for name in "numpy", engine:
        out = tmp_path / f"{name}.h5"
        assert run("classify", model_file, spectra_file, "-o", out,
                   "--engine", name).code == 0
        with h5py.File(out) as file:
            labels.append(file["entry/result/label"][()])
    np.testing.assert_array_equal(*labels)


def test_classify_in_words(run, model_file, spectra_file, tmp_path):
    outcome = run("classify", model_file, spectra_file, "-o",
                  tmp_path / "r.h5", "--engine", "numpy",
                  "--min-confidence", "1")
    assert outcome.code == 0
    assert "unknown" in outcome.stdout
    assert "spectra/s" in outcome.stdout
    assert "note:" not in outcome.stderr


def test_positions_decide_where_the_quantity_is_not_known(
        run, model_file, tmp_path):
    x = np.linspace(10, 20, 40)
    np.savez(tmp_path / "fits.npz", x=x, Y=np.full((2, 40), 30.))
    np.savez(tmp_path / "not.npz", x=x + 1, Y=np.full((2, 40), 30.))
    out = tmp_path / "r.h5"
    assert run("classify", model_file, tmp_path / "fits.npz", "-o", out,
               "--engine", "numpy").code == 0
    outcome = run("classify", model_file, tmp_path / "not.npz", "-o", out)
    assert outcome.code == 2
    assert "does not fit model" in outcome.stderr
    assert " deg; use spectra on the axis" in outcome.stderr


def test_the_dark_is_subtracted_and_recorded(run, model_file, spectra_file,
                                             tmp_path):
    data = files.read(spectra_file)
    offset = np.linspace(100, 500, 40, dtype=np.float32)
    raw, dark = tmp_path / "raw.npz", tmp_path / "dark.npz"
    x = data.axis.values
    np.savez(raw, x=x, Y=np.rint(data.spectra + offset).astype(np.uint16),
             labels=data.labels, class_names=data.classes)
    np.savez(dark, x=x, Y=np.stack([offset - 1, offset + 1]))
    out = tmp_path / "r.h5"
    words = ("--dark", dark, "--engine", "numpy", "--json")
    report = run("classify", model_file, raw, "-o", out, *words).document
    assert report["classes"] == {"cold": 30, "hot": 30}
    assert report["dark"]["sha256"] == files.checksum(dark)
    assert run("evaluate", model_file, raw, *words).document["accuracy"] == 1
    assert run("convert", raw, "-o", tmp_path / "c.h5", "--dark",
               dark).code == 0
    converted = files.read(tmp_path / "c.h5")
    assert converted.spectra.dtype == np.float32
    np.testing.assert_allclose(converted.spectra, data.spectra, atol=0.51)
    assert converted.provenance["origin"]["dark"]["path"] == str(dark)


def test_a_dark_of_another_detector(run, model_file, spectra_file, tmp_path):
    np.savez(tmp_path / "dark.npz", x=np.arange(41), Y=np.ones((1, 41)))
    outcome = run("classify", model_file, spectra_file, "-o",
                  tmp_path / "r.h5", "--dark", tmp_path / "dark.npz")
    assert outcome.code == 2
    assert "41 channels, the spectra have 40" in outcome.stderr


def test_bare_numbers_are_class_numbers(run, model_file, spectra_file,
                                        tmp_path):
    data = files.read(spectra_file)
    arrays = {"x": data.axis.values, "Y": data.spectra}
    np.savez(tmp_path / "n.npz", labels=data.labels, **arrays)
    outcome = run("evaluate", model_file, tmp_path / "n.npz", "--engine",
                  "numpy", "--json")
    assert outcome.document["accuracy"] == 1
    assert outcome.document["classes"] == ["cold", "hot"]
    assert "taken as class numbers" in outcome.stderr
    np.savez(tmp_path / "m.npz", labels=data.labels + 1, **arrays)
    outcome = run("evaluate", model_file, tmp_path / "m.npz", "--engine",
                  "numpy")
    assert outcome.code == 2
    assert "labels are the numbers 1, 2" in outcome.stderr


def test_an_input_is_never_overwritten(run, model_file, spectra_file):
    before = spectra_file.read_bytes()
    for target in spectra_file, model_file:
        outcome = run("classify", model_file, spectra_file, "-o", target)
        assert outcome.code == 2
        assert ("is an input" if target == spectra_file
                else "cannot write") in outcome.stderr
    assert spectra_file.read_bytes() == before


def test_inspect_shows_every_bin_and_marks_the_idle_one(run, model_file):
    text = run("inspect", model_file).stdout
    assert "0 = cold" in text and "verified" in text
    assert "two_theta" in text
    assert re.search(r"0\.0% +unknown +0\.0000 +no vote", text)
    assert text.count("no vote") == 2      # the bin, and what it means
    assert "weight zero: 1 of 4 bins" in text
    assert "90.0%" in text


def test_a_released_model_by_its_name(run):
    assert "gotthard2-ramp-" in run("inspect", "gotthard2-ramp").stdout
    outcome = run("inspect", "gotthard2-rump")
    assert outcome.code == 2
    assert "known are" in outcome.stderr


def test_inspect_json_is_the_manifest(run, model_file):
    assert run("inspect", model_file, "--json").document == model.load(
        model_file).manifest


START = """
import sys
import numpy as np
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.live.configuration.live_model import load_model
live = load_model(sys.argv[1], "fused", 2)
for dtype in np.uint16, np.float32:
    live.engine.classify(make_train(1, np.ones((99, 40), dtype)), Settings())
"""


def test_a_prepared_model_compiles_nothing_at_a_start(
        model_file, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))

    def python(*words):
        done = subprocess.run([sys.executable, *map(str, words)], check=True,
                              text=True, stderr=subprocess.PIPE)
        return done.stderr, {path: path.stat().st_mtime_ns
                             for path in cache.rglob("*.nb*")}

    said, compiled = python(
        "-c", "from spectra_classifier.cli.main import app; app()",
        "inspect", model_file, "--prepare")
    assert "engine ready after" in said
    assert compiled
    assert python("-c", START, model_file)[1] == compiled


def test_a_damaged_model_is_refused(run, model_file):
    content = model_file.read_bytes()
    model_file.write_bytes(content[:len(content) // 2])
    outcome = run("inspect", model_file)
    assert outcome.code == 2
    assert "model.onnx" in outcome.stderr


def test_torch_is_not_needed(model_file, spectra_file, tmp_path):
    code = (
        "import sys\n"
        "from spectra_classifier.cli.main import app\n"
        "for words in (['inspect', {model!r}], ['classify', {model!r},"
        " {data!r}, '-o', {out!r}, '--engine', 'numpy'],"
        " ['evaluate', {model!r}, {data!r}, '--engine', 'numpy']):\n"
        "    app(words, standalone_mode=False)\n"
        "assert 'h5py' in sys.modules\n"
        "assert 'torch' not in sys.modules\n").format(
            model=str(model_file), data=str(spectra_file),
            out=str(tmp_path / "r.h5"))
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
