"""The pages of permit and guard say what the code does."""
import re
import subprocess
import sys
from pathlib import Path

from karabo.middlelayer import AccessMode

from spectra_classifier.devices.permit_guard.device import (
    PERMIT_GROUP,
    PermitGuard,
)
from spectra_classifier.devices.permit_guard.properties import (
    GuardProperties,
)

DOCS = Path(__file__).parents[2] / "docs"
GUARD = (DOCS / "devices" / "permit_guard.md").read_text()
PERMIT = (DOCS / "permit.md").read_text()


def rows(text, heading):
    """Names in the first column of the table under a heading."""
    section = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (.*?) \|", section, re.M)
    return {name for cell in cells for name in re.findall(r"`([\w.]+)`", cell)}


def keys(mode):
    schema = GuardProperties.getClassSchema().hash
    return {path for path in schema.paths()
            if schema[path, "accessMode"] == mode.value}


def test_every_setting_and_reading_is_on_the_page():
    settings = keys(AccessMode.INITONLY)
    readings = keys(AccessMode.READONLY)
    assert rows(GUARD, "Configuration (at start only)") == settings
    assert rows(GUARD, "What it shows") == readings
    assert settings | readings == set(
        GuardProperties.getClassSchema().hash.paths())


def test_every_slot_is_on_the_page():
    assert rows(GUARD, "Slots") == {
        "enable", "disable", "close", "acknowledge"} <= set(
            PermitGuard.getClassSchema().hash.keys())


def test_the_permit_group_is_on_the_page():
    assert rows(PERMIT, "What is published") == {
        key.removeprefix("data.") for key in PERMIT_GROUP}


def test_the_example_of_a_consumer_runs():
    code, = re.findall(r"```python\n(.*?)```", PERMIT, re.S)
    subprocess.run([sys.executable, "-c", code], check=True)
