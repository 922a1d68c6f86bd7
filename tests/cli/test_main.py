"""What all commands share: help, version, errors, imports."""
import subprocess
import sys

import pytest
import typer

import spectra_classifier
from spectra_classifier import __version__
from spectra_classifier.cli.main import app
from spectra_classifier.errors import DataFileError

COMMANDS = ("train", "evaluate", "classify", "transitions", "scan",
            "compare", "explore", "inspect", "convert", "simulate", "replay",
            "bench")


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


HEAVY = ("torch", "numpy", "numba", "onnx", "h5py", "onnxruntime", "karabo",
         "pandas", "xarray", "sklearn", "matplotlib")


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)],
                         ids=lambda words: " ".join(words) or "program")
def test_help_loads_no_heavy_module(words):
    seen = python(
        "import sys\n"
        "from spectra_classifier.cli.main import app\n"
        "try:\n"
        f"    app([*{words!r}, '--help'])\n"
        "except SystemExit as end:\n"
        "    print('ended with', end.code)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])")
    assert "Usage" in seen
    assert seen.splitlines()[-2:] == ["ended with 0", "[]"]


def test_importing_the_package_loads_nothing():
    """Its names are imported when they are used, and are all there."""
    before, after = python(
        "import sys\n"
        "known = set(sys.modules)\n"
        "import spectra_classifier as package\n"
        "print(*sorted(name for name in set(sys.modules) - known if\n"
        "      name.partition('.')[0] not in sys.stdlib_module_names))\n"
        "names = [name for name in package.__all__ if name != '__version__']\n"
        "print(*(getattr(package, name).__name__ for name in names),\n"
        "      'torch' in sys.modules, 'karabo' in sys.modules)\n"
        ).splitlines()
    assert before == "spectra_classifier"
    *names, torch, karabo = after.split()
    assert sorted(names) == ["Axis", "Classification", "Exploration", "Model",
                             "Spectra", "SpectraClassifierEstimator",
                             "StateScan", "explore", "load", "read", "scan",
                             "train"]
    assert (torch, karabo) == ("False", "False")


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'classify_all'"):
        _ = spectra_classifier.classify_all
    assert set(spectra_classifier.__all__) <= set(dir(spectra_classifier))


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


#: Ctrl-C where Python drops exceptions, three times, in reading a file
DROPPED = """
import signal, sys, time, weakref
from spectra_classifier.cli import data
from spectra_classifier.cli.main import app

class Deleted:
    def __del__(self):
        interrupt()

def weak():
    each = set()
    reference = weakref.ref(each, interrupt)
    del each

left = 3

def interrupt(*_):
    global left
    left -= 1
    signal.raise_signal(signal.SIGINT)

def read(*_, **__):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if left:
            {drop}()
        time.sleep(0.001)

signal.signal(signal.SIGINT, signal.default_int_handler)
data.load = read
app()
"""


@pytest.mark.parametrize("drop", ["weak", "Deleted"])
def test_no_ctrl_c_is_lost(drop, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", DROPPED.replace("{drop}", drop), "convert",
         "a", "-o", tmp_path / "b.h5"], capture_output=True, text=True,
        timeout=120)
    assert (done.returncode, done.stderr) == (130, "error: interrupted\n")


def test_ctrl_c_is_130_and_one_line(run, monkeypatch, tmp_path):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt
    monkeypatch.setattr("spectra_classifier.cli.data.load", interrupted)
    outcome = run("convert", "a", "-o", tmp_path / "b.h5")
    assert outcome.code == 130
    assert outcome.stderr == "error: interrupted\n"
