"""The table of constants in the documentation is the one of the code."""
import re
from dataclasses import fields
from pathlib import Path

import pytest

from spectra_classifier.simulation.presets import PRESETS, Preset
from spectra_classifier.simulation.scenario import SCENARIOS
from spectra_classifier.simulation.stream.faults import FAULTS

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", [
    field.name for field in fields(Preset) if field.name != "name"])
def test_the_constants_of_the_presets(name):
    text = (DOCS / "simulation.md").read_text()
    row = re.search(rf"^\| `{name}` \|(.*)$", text, re.M)
    assert row, f"no row for {name}"
    written = [float(cell) for cell in row[1].split("|")[:3]]
    assert written == [getattr(preset, name) for preset in PRESETS.values()]


def test_every_scenario_and_every_fault_is_documented():
    scenarios = (DOCS / "simulation.md").read_text()
    assert all(f"| *{name}* |" in scenarios for name in SCENARIOS)
    faults = (DOCS / "devices/spectrometer_simulator.md").read_text()
    assert all(f"`{name}`" in faults for name in FAULTS)
