"""Write docs/data-cards/ID.md for every released model.

    python scripts/write_data_cards.py

The cards are made from the manifests; run it whenever a model is released.
"""
import json
from pathlib import Path
from typing import Any

from docs_tables.model_card import card

ROOT = Path(__file__).resolve().parents[1]
CARDS = ROOT / "docs" / "data-cards"


def released() -> dict[str, dict[str, Any]]:
    """{id: manifest} of all released models."""
    found = {}
    for model in sorted((ROOT / "models").glob("*.onnx")):
        manifest = ROOT / "manifest" / f"{model.stem}.json"
        found[model.stem] = json.loads(manifest.read_text())
    return found


def write(folder: Path = CARDS) -> None:
    """Write all cards, and remove those of models that no longer exist."""
    folder.mkdir(exist_ok=True)
    manifests = released()
    for name, manifest in manifests.items():
        (folder / f"{name}.md").write_text(card(manifest))
    for path in folder.glob("*.md"):
        if path.stem not in manifests:
            path.unlink()


if __name__ == "__main__":
    write()
