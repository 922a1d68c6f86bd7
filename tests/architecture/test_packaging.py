"""The package goes into any Karabo environment with `pip install .`."""
import json
import shutil
import subprocess
import sys
import venv
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from karabo.interactive.karabo import parse_configuration_file

from spectra_classifier import __version__

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "src")
DEVICES = {"SpectraClassifier", "PermitGuard", "SpectraTrainer",
           "SpectrometerSimulator", "SimulatedShutter"}
MACROS = {"WaitForSampleState", "ActOnStateChange", "TeachAndWait"}
LOOK = """
import json, spectra_classifier
from importlib.metadata import distribution
from importlib.resources import files
d = distribution("spectra_classifier")
print(json.dumps({
    "version": d.version, "file": spectra_classifier.__file__,
    "schema": files("spectra_classifier").joinpath(
        "model/manifest.schema.json").is_file(),
    "entries": {e.name: [e.group, e.value] for e in d.entry_points}}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What a fresh environment says after `pip install .`"""
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    source.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name,
                            ignore=shutil.ignore_patterns(
                                "__pycache__", "*.egg-info"))
        else:
            shutil.copy(ROOT / name, source / name)
    environment = folder / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    # without isolation and index: nothing is fetched, so nothing is awaited
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--no-index",
                    "--no-build-isolation", "--wheel-dir", folder, source],
                   check=True)
    subprocess.run([*pip, "--python", python, "install", "--quiet",
                    "--no-deps", "--no-index", *folder.glob("*.whl")],
                   check=True)
    answer = subprocess.run([python, "-c", LOOK], check=True, cwd=folder,
                            capture_output=True, text=True).stdout
    return folder, json.loads(answer)


@pytest.mark.timeout(300)
def test_a_fresh_environment_has_the_package(installed):
    folder, answer = installed
    assert answer["version"] == __version__
    assert Path(answer["file"]).is_relative_to(folder)
    assert answer["schema"]


@pytest.mark.timeout(300)
def test_a_fresh_environment_has_all_entry_points(installed):
    _, answer = installed
    groups = {}
    for name, (group, _) in answer["entries"].items():
        groups.setdefault(group, set()).add(name)
    assert groups["karabo.middlelayer_device"] >= DEVICES
    assert groups["karabo.macro_device"] == MACROS
    assert groups["console_scripts"] == {"spectra-classifier"}


@pytest.mark.parametrize("group", [
    "karabo.middlelayer_device", "karabo.macro_device", "console_scripts"])
def test_every_entry_point_can_be_loaded(group):
    ours = [entry for entry in entry_points(group=group)
            if entry.dist.name.replace("-", "_") == "spectra_classifier"]
    assert ours
    for entry in ours:
        loaded = entry.load()
        if group != "console_scripts":
            # Karabo takes the key for the class id that operators see
            assert loaded.__name__ == entry.name


def test_karabo_reads_the_dependencies():
    assert parse_configuration_file(ROOT / "DEPENDS") == []
    assert (ROOT / "DEPENDS").read_text().startswith("#")
