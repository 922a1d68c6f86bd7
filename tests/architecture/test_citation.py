"""What others cite: the software, and the cards of the released models."""
import importlib.util
from pathlib import Path

import yaml

from spectra_classifier import __version__

ROOT = Path(__file__).resolve().parents[2]


def cards_script():
    path = ROOT / "scripts" / "write_data_cards.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_citation_names_this_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == __version__
    assert citation["license"] == "BSD-3-Clause"
    assert set(citation) >= {"message", "title", "authors"}


def test_every_released_model_has_the_card_of_its_manifest():
    script = cards_script()
    cards = {path.stem: path.read_text()
             for path in script.CARDS.glob("*.md")}
    expected = {name: script.card(manifest)
                for name, manifest in script.released().items()}
    assert cards == expected, "run python scripts/write_data_cards.py"
