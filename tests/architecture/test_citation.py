"""What others cite: the software, and the cards of the released models."""
import importlib.util
import re
from pathlib import Path

import yaml
from packaging.version import Version

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
    # of the last release, or of the first one that is being prepared
    assert re.fullmatch(r"\d+\.\d+\.\d+", citation["version"])
    ours = Version(__version__)
    if ours.is_devrelease:
        assert ours >= Version(f"{citation['version']}.dev0")
    else:
        assert ours.public == citation["version"]
    assert citation["license"] == "BSD-3-Clause"
    assert set(citation) >= {"message", "title", "authors"}


def test_every_released_model_has_the_card_of_its_manifest():
    script = cards_script()
    cards = {path.stem: path.read_text()
             for path in script.CARDS.glob("*.md")}
    expected = {name: script.card(manifest)
                for name, manifest in script.released().items()}
    assert cards == expected, "run python scripts/write_data_cards.py"
