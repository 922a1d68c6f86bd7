"""What all commands share: help, version, errors, imports."""
import subprocess
import sys

import pytest
import typer

from spectra_classifier import __version__
from spectra_classifier.cli.main import app
from spectra_classifier.errors import DataFileError

COMMANDS = ("train", "evaluate", "classify", "transitions", "inspect",
            "convert", "simulate")


def python(code):
    """stdout of a fresh interpreter."""
    return subprocess.run([sys.executable, "-c", code], check=True,
                          capture_output=True, text=True, timeout=60).stdout


def test_version(run):
    outcome = run("--version")
    assert outcome.code == 0
    assert __version__ in outcome.stdout


def test_every_command_is_there_and_explains_itself(run):
    listing = run("--help").stdout
    for command in COMMANDS:
        assert command in listing
        assert run(command, "--help").code == 0


def test_help_loads_no_heavy_module():
    heavy = python(
        "import sys, spectra_classifier.cli.main\n"
        "print([m for m in ('torch', 'numpy', 'numba', 'onnx', 'h5py',"
        " 'onnxruntime', 'rich.table') if m in sys.modules])")
    assert heavy.strip() == "[]"


def test_errors_are_one_line_and_code_2(run, tmp_path):
    outcome = run("inspect", tmp_path / "absent.onnx")
    assert outcome.code == 2
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("error: ")
    assert "absent.onnx" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_debug_shows_where(run, tmp_path):
    with pytest.raises(DataFileError):
        run("--debug", "convert", tmp_path / "absent", "-o",
            tmp_path / "a.h5")


def test_errors_of_the_system_are_one_line_too(run, monkeypatch):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device", "out.h5")
    monkeypatch.setattr("spectra_classifier.cli.data.load", full)
    outcome = run("convert", "a", "-o", "b.h5")
    assert outcome.code == 2
    assert outcome.stderr == "error: out.h5: No space left on device\n"


@pytest.mark.parametrize("error, said", [
    (MemoryError("Unable to allocate 1 TiB"), "not enough memory"),
    (RecursionError("maximum depth"), "unexpected RecursionError"),
    (ValueError("a\x1b[31m\nb"), r"(a\x1b[31m b), a fault")])
def test_no_error_is_a_traceback(run, monkeypatch, tmp_path, error, said):
    def fail(*arguments, **options):
        raise error
    monkeypatch.setattr("spectra_classifier.cli.data.load", fail)
    outcome = run("convert", "a", "-o", tmp_path / "b.h5")
    assert outcome.code == 2
    assert said in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    with pytest.raises(type(error)):
        run("--debug", "convert", "a", "-o", tmp_path / "b.h5")


def test_unknown_options_are_refused(run):
    assert run("inspect", "--colour", "red").code == 2


def test_the_entry_point_is_the_app():
    assert isinstance(app, typer.Typer)
