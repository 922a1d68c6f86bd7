"""A model is found by its id, by its name, or not at all."""
from pathlib import Path

import pytest

from spectra_classifier.errors import ModelFileError
from spectra_classifier.model.released import (
    FOLDERS,
    find_model,
    is_model_name,
    released_folder,
)

RELEASED = sorted(released_folder().glob("*.onnx"))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Function (names) -> the first of two folders of a site, with files."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setenv(FOLDERS, f"{first}:{second}:")

    def fill(*names):
        for name in names:
            (first / f"{name}.onnx").write_bytes(b"x")
        (second / "of-second-0123.onnx").write_bytes(b"x")
        return first
    return fill


def test_released_models_are_found_by_id_and_name():
    assert RELEASED
    for path in RELEASED:
        for name in (path.stem, path.name, path.stem.rpartition("-")[0]):
            assert find_model(name) == path


def test_the_folders_of_a_site_come_first(site):
    own = site("gotthard2-ramp-0123", "other-4567")
    assert find_model("gotthard2-ramp") == own / "gotthard2-ramp-0123.onnx"
    assert find_model("other-4567") == own / "other-4567.onnx"
    assert find_model("of-second").parent.name == "second"
    assert find_model("published-ramp") in RELEASED


def test_a_name_of_two_models_is_refused_with_both(site):
    site("glass-01", "glass-02")
    with pytest.raises(ModelFileError, match="glass-01, glass-02"):
        find_model("glass")
    assert find_model("glass-02").stem == "glass-02"


@pytest.mark.parametrize("name", ["nothing", "gotthard2", "*", "a\0b", "ramp"])
def test_what_is_not_there_is_refused_with_what_is(site, name):
    site("glass-01")
    with pytest.raises(ModelFileError, match="glass-01, of-second-0123, fer"):
        find_model(name)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "/a.onnx", "../a"])
def test_a_path_is_no_name(text):
    assert not is_model_name(text)
    assert is_model_name(Path("/x/glass-01.onnx").name)
