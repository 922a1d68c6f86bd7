"""The table of constants in the documentation is the one of the code."""
import re
from dataclasses import fields
from pathlib import Path

from spectra_classifier.simulation.presets import PRESETS, Preset
from spectra_classifier.simulation.scenario import SCENARIOS
from spectra_classifier.simulation.stream.faults import FAULTS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_constants_of_the_presets(subtests):
    text = (DOCS / "simulation.md").read_text()
    for name in sorted({field.name for field in fields(Preset)} - {"name"}):
        with subtests.test(name=name):
            row = re.search(rf"^\| `{name}` \|(.*)$", text, re.M)
            assert row, f"no row for {name}"
            written = [float(cell) for cell in row[1].split("|")[:3]]
            assert written == [getattr(preset, name)
                               for preset in PRESETS.values()]


def test_every_scenario_and_every_fault_is_documented():
    scenarios = (DOCS / "simulation.md").read_text()
    assert all(f"| *{name}* |" in scenarios for name in SCENARIOS)
    faults = (DOCS / "devices/spectrometer_simulator.md").read_text()
    assert all(f"`{name}`" in faults for name in FAULTS)
