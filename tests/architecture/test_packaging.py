"""The package goes into any Karabo environment with `pip install .`."""
import json
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from karabo.interactive.karabo import parse_configuration_file
from packaging.version import Version

from tests.fresh_environment import (
    FALLBACK,
    ROOT,
    copy_of_the_tree,
    install_wheel,
)

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


#: the package in a folder, ahead of all others
INSPECT = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from spectra_classifier.live.configuration.live_model import load_model
from spectra_classifier.model.released import find_model
print(find_model("gotthard2-ramp"))
print(load_model("gotthard2-ramp", "numpy", 1).definition.classes)
"""

#: imports the module of one entry point; prints what that brought in
LOAD = """
import sys
from importlib.metadata import EntryPoint
import karabo.middlelayer
before = set(sys.modules)
EntryPoint("", sys.argv[1], "karabo.macro_device").load()
print(*(set(sys.modules) - before))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What a fresh environment says after `pip install .`"""
    folder = tmp_path_factory.mktemp("packaging")
    python = install_wheel(folder)
    answer = subprocess.run([python, "-E", "-c", LOOK], check=True, cwd=folder,
                            capture_output=True, text=True).stdout
    return folder, json.loads(answer)


def test_a_fresh_environment_has_the_package(installed):
    folder, answer = installed
    assert answer["version"] == FALLBACK    # there is no git
    assert Path(answer["file"]).is_relative_to(folder)
    assert answer["schema"]


def test_the_wheel_has_the_product_and_nothing_else(installed):
    folder, _ = installed
    wheel, = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "spectra_classifier",
        f"spectra_classifier-{FALLBACK}.dist-info"}
    source = ROOT / "src/spectra_classifier"
    expected = {f"spectra_classifier/{path.relative_to(source)}"
                for path in source.rglob("*")
                if path.suffix in (".py", ".pyi", ".typed", ".json", ".npz")}
    expected |= {f"spectra_classifier/released/{path.name}" for path in (
        *ROOT.glob("models/*.onnx"), *ROOT.glob("manifest/*.json"))}
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_a_released_model_is_found_by_its_name_outside_of_a_clone(
        installed, tmp_path):
    folder, _ = installed
    wheel, = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path)
    said = subprocess.run(
        [sys.executable, "-c", INSPECT, tmp_path], check=True, cwd=folder,
        env={"HOME": str(tmp_path), "PATH": ""}, capture_output=True,
        text=True).stdout
    assert str(tmp_path) in said
    assert "low pressure" in said


def version_of(source):
    """The version that a build in `source` has."""
    return subprocess.run(
        [sys.executable, "setup.py", "--version"], cwd=source, check=True,
        capture_output=True, text=True).stdout.split()[-1]


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=nobody", "-c", "user.email=nobody@localhost",
         *arguments], cwd=folder, check=True, capture_output=True)


def test_the_version_is_that_of_the_tag(tmp_path):
    source = copy_of_the_tree(tmp_path / "source")
    git(source, "init")
    git(source, "add", ".")
    git(source, "commit", "--message", "first")
    git(source, "tag", "not-a-version-7")
    untagged = version_of(source)
    assert Version(untagged).base_version == Version(FALLBACK).base_version
    assert Version(untagged).is_devrelease
    git(source, "tag", "v3.2.1")
    assert version_of(source) == "3.2.1"
    git(source, "commit", "--allow-empty", "--message", "second")
    assert Version("3.2.1") < Version(version_of(source)) < Version("3.2.2")


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


@pytest.mark.parametrize("name", sorted(MACROS))
def test_a_macro_server_imports_the_macro_alone(name):
    entry, = entry_points(group="karabo.macro_device", name=name)
    brought = subprocess.run(
        [sys.executable, "-c", LOAD, entry.value], check=True,
        capture_output=True, text=True).stdout.split()
    ours = {module for module in brought
            if module.startswith("spectra_classifier")}
    assert ours == {"spectra_classifier", "spectra_classifier.devices",
                    "spectra_classifier.devices.macros", entry.module}
    others = {module.split(".")[0] for module in brought} - {
        "spectra_classifier"}
    assert others <= sys.stdlib_module_names


def test_karabo_reads_the_dependencies():
    assert parse_configuration_file(ROOT / "DEPENDS") == []
    assert (ROOT / "DEPENDS").read_text().startswith("#")
