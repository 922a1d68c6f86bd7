"""Load, classify, evaluate, save: as the commands do it."""
import copy
import json
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import spectra_classifier
from spectra_classifier import Axis, files
from spectra_classifier.api.inputs import mean_dark
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.decision.mean_verdict import MeanCode
from spectra_classifier.errors import (
    ConfigurationError,
    InputError,
    ModelFileError,
    SpectraError,
)
from tests.api.conftest import CHANNELS, ENERGIES, states

AXIS = Axis(ENERGIES, "energy", "eV")


def classified(model, *arguments, **options):
    return model.classify(*arguments, engine="numpy", **options)


def equal(one, other):
    for name in "codes", "confidence", "scores", "mixture", "residual":
        np.testing.assert_array_equal(getattr(one, name),
                                      getattr(other, name))


def test_labels_confidence_scores_mixture_residual(trained, others):
    spectra, labels = others
    result = classified(trained, spectra, AXIS)
    assert (result.labels == labels).all()
    assert result.counts == {"cold": 24, "hot": 24}
    count = len(labels)
    assert result.scores.shape == result.mixture.shape == (count, 2)
    np.testing.assert_allclose(result.scores.sum(axis=1), 1, rtol=1e-6)
    assert ((result.confidence > 0.5) & (result.confidence <= 1)).all()
    assert (result.residual >= 0).all() and len(result) == count
    assert result.notes == []


def test_the_mean_mixture_leaves_out_what_has_no_signal(trained, others):
    spectra, labels = others
    mixed = np.concatenate([spectra[labels == "hot"][:24],
                            spectra[labels == "cold"][:8],
                            np.full((5, CHANNELS), np.nan)])
    found = trained.mean_mixture(mixed + 7, AXIS, dark=np.full(CHANNELS, 7.))
    assert found.pulses == 32
    assert found.fractions == pytest.approx([0.25, 0.75], abs=0.02)
    assert ((found.low < found.fractions)
            & (found.fractions < found.high)).all()


def test_the_mean_of_spectra_shows_what_was_not_taught(tmp_path):
    """In spectra of so few photons that each of them gets a class."""
    random = np.random.default_rng(0)
    dark = np.full(CHANNELS, 7.)

    def photons(hot, strange=0.):
        clean = 2 + 6 * np.exp(-(np.arange(CHANNELS) - np.where(
            hot, 25, 8)[:, None])**2 / 8)
        clean[:, 33:35] += strange
        return random.poisson(clean).astype(np.float32)

    captures = np.arange(720) // 60
    model = spectra_classifier.train(
        photons(captures % 2 == 1), captures % 2, groups=captures,
        members="linear", bins=4, axis=AXIS, name="dim")
    few, many = np.zeros(2, bool), np.arange(400) % 3 == 0
    assert model.mean_verdict(photons(few), AXIS).code == MeanCode.NOT_JUDGED
    taught = model.mean_verdict(np.concatenate([
        photons(many), np.full((3, CHANNELS), np.nan)]) + dark, AXIS,
        dark=dark)
    assert taught.code == MeanCode.TAUGHT
    strange = model.mean_verdict(photons(many, 5.), AXIS)
    assert strange.code == MeanCode.FOREIGN and strange.worst > 1


def test_one_result_for_every_container(trained, others, tmp_path):
    spectra, _ = others
    expected = classified(trained, spectra)
    path = tmp_path / "a.h5"
    files.write_dataset(path, Dataset(AXIS, spectra))
    for each in (
            spectra.astype("f8"), spectra.astype(">f4"), spectra.tolist(),
            np.asfortranarray(spectra), np.ma.array(spectra),
            pd.DataFrame(spectra, columns=ENERGIES),
            xr.DataArray(spectra, dims=("pulse", "energy"), coords={
                "energy": ("energy", ENERGIES, {"units": "eV"})}),
            spectra_classifier.read(path), files.read(path)):
        equal(classified(trained, each), expected)
    down = classified(trained, spectra[:, ::-1], ENERGIES[::-1])
    equal(down, expected)


def test_the_command_gives_the_same(trained, others, command, tmp_path):
    """The same function: bit for bit, in .h5 and in .csv."""
    spectra, _ = others
    model = trained.save(tmp_path / "models")
    folder = tmp_path / "curves"
    folder.mkdir()
    for number, values in enumerate(spectra[:12]):
        np.savetxt(folder / f"s_{number}.xy", np.stack(
            [ENERGIES, values.astype("f8")], axis=1), fmt="%.17g")
    result = classified(spectra_classifier.load(model),
                        spectra_classifier.read(folder, axis="energy:eV"))
    out = {ending: tmp_path / f"out{ending}" for ending in (".h5", ".csv")}
    for path in out.values():
        assert command("classify", model, folder, "-o", path, "--axis",
                       "energy:eV", "--engine", "numpy").code == 0
    with h5py.File(out[".h5"]) as file:
        for name in "label", "confidence", "residual", "intensity":
            np.testing.assert_array_equal(file[f"entry/result/{name}"],
                                          result.pulses[name])
        names = [f"s_{number}.xy" for number in range(12)]
        assert list(file["entry/result/file_name"].asstr()) == names
        assert result.files == tuple(names)
    frame = pd.read_csv(out[".csv"], index_col="index")
    mine = result.to_pandas()
    assert list(frame) == list(mine) == [
        "file", "label", "code", "confidence", "residual", "intensity",
        "score cold", "score hot", "mixture cold", "mixture hot"]
    for name in frame:
        if frame[name].dtype.kind == "f":
            np.testing.assert_array_equal(
                frame[name].to_numpy(np.float32), mine[name])
        else:
            assert frame[name].tolist() == mine[name].tolist()


def test_bad_data_get_no_class(trained, others):
    spectra = others[0].astype("f8")
    spectra[3, 5] = np.nan
    spectra[4, 0] = np.inf
    spectra[5] = 0
    masked = np.ma.array(spectra, mask=np.zeros_like(spectra, bool))
    masked[6, 7] = np.ma.masked
    result = classified(trained, masked)
    assert result.labels[3:7].tolist() == ["bad data", "bad data",
                                           "low intensity", "bad data"]
    assert (result.codes[3:7] < 0).all()
    assert not result.confidence[3:7].any()
    assert list(result.counts)[:2] == ["cold", "hot"]
    for data in spectra, masked:
        with pytest.raises(InputError, match="NaN or Inf"):
            trained.evaluate(data, others[1])


def test_what_does_not_fit_is_refused(subtests, trained, others):
    spectra = others[0]
    for each, axis, said in (
            (spectra[:, :-1], None, "39 channels, model two-"),
            (spectra, ENERGIES + 1, "does not fit model"),
            (spectra, Axis(ENERGIES, "energy", "keV"), "energy in keV"),
            (spectra, ENERGIES[:-1], "39 positions"),
            (pd.DataFrame(spectra, columns=ENERGIES * 2), None,
             "does not fit model"),
            (spectra * 1j, None, "real numbers"),
            ([], None, "expected at least one")):
        with subtests.test(said=said), pytest.raises(ValueError, match=said):
            classified(trained, each, axis)
    with pytest.raises(ConfigurationError, match="0 to 1"):
        classified(trained, spectra, min_confidence=2)
    with pytest.raises(ConfigurationError, match="engine 'fast'"):
        trained.classify(spectra, engine="fast")


def test_a_dark_is_subtracted(trained, others):
    spectra = others[0]
    dark = np.full(CHANNELS, 7, np.float32)
    expected = classified(trained, spectra)
    for each in dark, np.stack([dark - 1, dark + 1]):
        result = classified(trained, spectra + dark, dark=each)
        np.testing.assert_array_equal(result.codes, expected.codes)
        np.testing.assert_allclose(result.intensity, expected.intensity,
                                   rtol=1e-5)
        assert "none was in the training" in result.notes[0]
    with pytest.raises(InputError, match="dark: 3 channels"):
        classified(trained, spectra, dark=dark[:3])


def test_a_dark_on_another_axis_is_refused():
    axis, other = (Axis(first + np.arange(CHANNELS), "energy", "eV")
                   for first in (9000., 9500.))
    spectra = np.full((2, CHANNELS), 7, np.float32)
    found = mean_dark(Dataset(axis, spectra), CHANNELS, axis, "dark")
    np.testing.assert_array_equal(found.mean, 7)
    with pytest.raises(InputError, match="dark: is on another axis"):
        mean_dark(Dataset(other, spectra), CHANNELS, axis, "dark")


def test_evaluate_leaves_the_training_out(trained, others):
    spectra, labels = others
    taught, names, _ = states()
    both = trained.evaluate(np.concatenate([taught, spectra]),
                            np.concatenate([names, labels]),
                            engine="numpy")
    assert both["training_spectra_left_out"] == len(taught)
    assert both["n"] == len(spectra) and both["accuracy"] == 1
    again = trained.evaluate(taught, names, include_training=True,
                             engine="numpy")
    assert again["training_spectra_included"] == len(taught)
    with pytest.raises(InputError, match="no labels: give y"):
        trained.evaluate(spectra)


def test_save_and_load(trained, others, tmp_path):
    path = trained.save(tmp_path / "new" / "models")
    assert path.name == "two.onnx"
    assert json.loads((path.parent / f"{trained.id}.json").read_text()
                      )["id"] == trained.id
    other = trained.save(tmp_path / "named.onnx")
    expected = classified(trained, others[0])
    for each in path, path.parent, str(other):
        loaded = spectra_classifier.load(each)
        assert loaded.id == trained.id
        equal(classified(loaded, others[0]), expected)
    copied = loaded.save(tmp_path / "copy")
    assert copied.read_bytes() == path.read_bytes()
    equal(classified(copy.deepcopy(loaded), others[0]), expected)


def test_load_names_what_is_wrong(tmp_path, trained):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelFileError, match="holds 0 models"):
        spectra_classifier.load(tmp_path / "empty")
    with pytest.raises(ModelFileError, match="known are"):
        spectra_classifier.load("no-such-model")
    with pytest.raises(ValueError, match="absent"):
        spectra_classifier.load(tmp_path / "absent.onnx")
    path = trained.save(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelFileError, match=r"two\.onnx"):
        spectra_classifier.load(tmp_path)


def test_released_models_by_name():
    model = spectra_classifier.load("published-ramp")
    assert model.classes == ("low pressure", "high pressure")
    assert len(model.axis) == 4023
    assert repr(model).startswith("<Model published-ramp-")
    assert len(repr(model)) < 400


def test_pandas_and_xarray(trained, others):
    spectra, labels = others
    index = pd.Index([f"shot {n}" for n in range(len(labels))], name="shot")
    result = classified(trained, pd.DataFrame(spectra, index))
    frame = result.to_pandas()
    assert frame.index.equals(index)
    assert frame["label"].tolist() == labels.tolist()
    np.testing.assert_array_equal(frame["score hot"], result.scores[:, 1])
    cube = result.to_xarray()
    assert dict(cube.sizes) == {"shot": len(labels), "class": 2}
    assert cube["mixture"].sel({"class": "hot", "shot": "shot 3"}) == (
        result.mixture[3, 1])
    assert cube.attrs == {"model": trained.id}
    array = xr.DataArray(spectra, dims=("label", "energy"))
    assert classified(trained, array).to_xarray().sizes["spectrum"] == 48


def test_plots(trained, others):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    _, (one, two) = pyplot.subplots(2)
    spectra = others[0].copy()
    spectra[0] = 0
    result = classified(trained, spectra)
    assert result.plot(one) is one
    assert one.get_ylabel() == "confidence"
    shown = [text.get_text() for text in one.get_legend().get_texts()]
    assert shown == ["cold (23)", "hot (24)", "low intensity (1)"]
    data = spectra_classifier.Spectra(Dataset(
        AXIS, spectra, (others[1] == "hot").astype(int), ("$a$ b", "hot")))
    assert data.plot(two) is two
    assert two.get_xlabel() == "energy (eV)"
    assert len(two.lines) == 2
    two.figure.savefig("/dev/null", format="png")
    pyplot.close("all")


def test_words_for_people(trained, others):
    result = classified(trained, others[0])
    for each in trained, result:
        assert len(repr(each)) < 300 and repr(each)[0] == "<"
        html = each._repr_html_()
        assert html.startswith("<b>") and "<table>" in html
    assert "cold 24, hot 24" in repr(result)
    assert "cross-validated by captures" in repr(trained)


def test_what_is_not_installed_is_named(trained, others, monkeypatch):
    result = classified(trained, others[0])
    for module, call in (("pandas", result.to_pandas),
                         ("xarray", result.to_xarray),
                         ("matplotlib.pyplot", result.plot)):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(SpectraError, match="pip install "
                               + module.partition(".")[0]):
                call()
