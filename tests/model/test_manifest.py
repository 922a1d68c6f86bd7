"""One schema, in two places: for people and in the package."""
import json
from pathlib import Path

import jsonschema
import pytest

from spectra_classifier import model
from spectra_classifier.model import manifest

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "models").glob("*.onnx"))


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(manifest.schema())


def test_the_published_schema_is_the_one_that_loading_uses():
    published = ROOT / "manifest" / "manifest.schema.json"
    assert json.loads(published.read_text()) == manifest.schema()


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
def test_released_model_is_named_by_its_id_and_has_its_manifest(path):
    loaded = model.load(path)
    assert path.stem == loaded.manifest["id"]
    beside = ROOT / "manifest" / f"{path.stem}.json"
    assert json.loads(beside.read_text()) == loaded.manifest
