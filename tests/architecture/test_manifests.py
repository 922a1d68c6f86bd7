"""Released models and their manifests belong together."""
import json
from pathlib import Path

import jsonschema
import onnx
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "manifest" / "manifest.schema.json"
MODELS = sorted((ROOT / "models").glob("*.onnx"))
MANIFESTS = sorted(
    path for path in (ROOT / "manifest").glob("*.json")
    if path != SCHEMA and not path.name.startswith("server_init"))
EMBEDDED = "spectra_classifier.manifest"


def test_the_schema_is_the_one_that_loading_uses():
    used = ROOT / "src/spectra_classifier/model/manifest.schema.json"
    assert json.loads(SCHEMA.read_text()) == json.loads(used.read_text())


def test_every_model_has_its_manifest():
    assert MODELS
    assert [m.stem for m in MODELS] == [m.stem for m in MANIFESTS]


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_fulfils_the_schema(path):
    manifest = json.loads(path.read_text())
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text()))
    assert manifest["id"] == path.stem


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_embeds_its_manifest(path):
    properties = onnx.load(path).metadata_props
    embedded = {entry.key: entry.value for entry in properties}[EMBEDDED]
    manifest = ROOT / "manifest" / f"{path.stem}.json"
    assert json.loads(embedded) == json.loads(manifest.read_text())
