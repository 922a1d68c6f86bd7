"""Write the released models in the current format, without training.

    python scripts/rewrite_released_models.py [--check]

What a model computes does not change: graph, arrays and all entries of its
manifest are kept. Fields that the current format needs are added, hashes and
id are calculated again, the files are named by the new id, and so is every
mention of the old id in the tree. Safe to run twice: a model of the current
format is not changed. --check only reports what would be done, and exits with
1 if there is anything to do.
"""
import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import write_data_cards

from spectra_classifier import model
from spectra_classifier.model import arrays, graph, plain
from spectra_classifier.model.fingerprint import sealed, weights_sha256
from spectra_classifier.model.manifest import (
    FORMAT_VERSION,
    compose,
    definition_from,
)
from spectra_classifier.model.store import MANIFEST_KEY, embedded, put

ROOT = Path(__file__).resolve().parents[1]
#: files that are searched for the id of a model
TEXTS = {".md", ".py", ".json", ".sh", ".svg", ".toml", ".yml", ".cff"}


def upgraded(statement: dict[str, Any], proto: Any,
             properties: dict[str, str]) -> dict[str, Any]:
    """The manifest in the current format, sealed.

    Missing fields are those that the current software writes for the same
    model.
    """
    members = graph.read_members(proto, statement["members"],
                                 len(statement["bins"]))
    definition = definition_from(statement, members, properties)
    golden = statement["golden"]
    fresh, _ = compose(
        definition, statement | {"training_accuracy": None},
        weights_sha256(proto),
        (arrays.decode(golden["input"], properties), golden["labels"],
         golden["scores"]))
    return sealed(filled(statement, fresh) | {
        "format_version": FORMAT_VERSION,
        "weights_sha256": fresh["weights_sha256"]})


def filled(old: Any, fresh: Any) -> Any:
    """`old` with what it lacks of `fresh`, at every level."""
    if isinstance(old, dict) and isinstance(fresh, dict):
        return old | {key: filled(old[key], value) if key in old else value
                      for key, value in fresh.items()}
    if isinstance(old, list) and isinstance(fresh, list) and (
            len(old) == len(fresh)):
        return [filled(*pair) for pair in zip(old, fresh, strict=True)]
    return old


def rewrite(path: Path, check: bool) -> tuple[str, str]:
    """(old id, new id) of one model file; written unless `check`."""
    proto = plain.parse(plain.read_bytes(path), path)
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    before = json.loads(properties.pop(MANIFEST_KEY))
    after = upgraded(before, proto, properties)
    if (after == before and path.stem == before["id"]) or check:
        return before["id"], after["id"]
    target = path.with_name(f"{after['id']}.onnx")
    manifests = ROOT / "manifest"
    del proto.metadata_props[:]
    put(embedded(proto, after, properties, target), target, manifests)
    model.load(target)      # verifies that nothing else has changed
    if path != target:
        path.unlink()
        (manifests / f"{path.stem}.json").unlink(missing_ok=True)
    return before["id"], after["id"]


def mentions(old: str) -> Iterator[Path]:
    """Text files of the tree that contain an id."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        file = ROOT / name
        if file.suffix in TEXTS and file.is_file() and old in (
                file.read_text()):
            yield file


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    changes = [rewrite(path, check)
               for path in sorted((ROOT / "models").glob("*.onnx"))]
    for old, new in changes:
        if old == new:
            print(f"{new}: up to date")
            continue
        files = list(mentions(old))
        for file in () if check else files:
            file.write_text(file.read_text().replace(old, new))
        print(f"{old} -> {new}, mentioned in {len(files)} other files")
    if not check:
        write_data_cards.write()
    return int(check and any(old != new for old, new in changes))


if __name__ == "__main__":
    sys.exit(main())
