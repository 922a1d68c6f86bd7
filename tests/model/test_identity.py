"""The identity changes with everything that a code depends on, only."""
import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from spectra_classifier import model
from spectra_classifier.core.drift.reference import DriftReference
from spectra_classifier.core.engine.mean_spectrum import LineRule, MeanRule
from spectra_classifier.core.engine.within_class_variation import Variation
from spectra_classifier.core.model_definition import (
    Baseline,
    Calibration,
    MixtureError,
    Preprocessing,
    SpikeRule,
    UnknownRule,
)
from spectra_classifier.errors import ModelFileError
from spectra_classifier.model import manifest as manifests
from spectra_classifier.model import plain
from spectra_classifier.model.fingerprint import (
    WORDS,
    identity,
    sealed,
    weights_sha256,
)
from tests.model.conftest import CHANNELS, INFO, definition_of, spectra_of
from tests.model.test_engines import foreign, foreign_definition
from tests.model.test_graph_views import spectra_of as viewed_spectra
from tests.model.test_graph_views import textured, viewed

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "manifest").glob("*-*.json"))
VARIATION = Variation(4, np.linalg.qr(np.random.default_rng(2).normal(
    size=(CHANNELS // 4, 2)))[0].T.astype(np.float32))
DRIFT = DriftReference(np.ones((2, CHANNELS), np.float32), 30.)


def full_definition():
    """A model with every optional part."""
    return definition_of(
        "linear", preprocessing=Preprocessing(
            normalisation="area", spikes=SpikeRule(900., 9.)),
        variation=VARIATION, strengths=(2., 0.5),
        mixture_error=MixtureError((0.01, 0.02), (0.1, 0.1), 6),
        unknown=UnknownRule(0., 0.5, 0.02),
        drift=DRIFT, mean_rule=MeanRule(VARIATION, 12, 0.2, 0.05, 0.01,
                                        LineRule(VARIATION, 0.1), 9.))


def every_manifest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    foreign(folder / "theirs.onnx")
    return [model.save(folder / "full.onnx", full_definition(),
                       INFO | {"taught": np.ones((3, 6), np.float32)},
                       spectra_of()),
            model.save(folder / "views.onnx", viewed(), INFO,
                       viewed_spectra(3)),
            model.save(folder / "textures.onnx", textured(2.), INFO,
                       viewed_spectra(3)),
            model.wrap(folder / "theirs.onnx", folder / "ours.onnx",
                       foreign_definition(), INFO, spectra_of()),
            *(json.loads(path.read_text()) for path in RELEASED)]


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    return every_manifest(tmp_path_factory)


def leaves(value, place=()):
    """[(place, value)] of everything that is not an object or a list."""
    if isinstance(value, dict):
        found = [leaf for key, each in value.items()
                 for leaf in leaves(each, (*place, key))]
    elif isinstance(value, list):
        found = [leaf for number, each in enumerate(value)
                 for leaf in leaves(each, (*place, number))]
    else:
        return [(place, value)]
    return found or [(place, value)]


def other(value):
    """A value of the same kind that is another one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, float):
        return float(np.nextafter(value, np.inf))
    if isinstance(value, int):
        return value + 1
    return {dict: {"more": 1}, list: [1]}.get(type(value), 1.)


def changed(statement, place, value):
    result = copy.deepcopy(statement)
    inner = result
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return result


def is_words(place):
    """Whether a place is, or lies below, a field of `WORDS`."""
    names = ["*" if isinstance(key, int) else key for key in place]
    return any(".".join(names[:count]) in WORDS
               for count in range(1, len(names) + 1))


def test_every_leaf_is_words_or_changes_the_identity(statements):
    """Walks each leaf of every kind of manifest; the smallest change."""
    seen = 0
    for statement in statements:
        for place, value in leaves(statement):
            if place[:2] == ("training", "data"):
                continue        # thousands of numbers of one kind
            after = identity(changed(statement, place, other(value)))
            verdict = place == ("metrics", "guards", "arm")
            assert (after == statement["identity"]) == (
                is_words(place) and not verdict), place
            seen += 1
    assert seen > 500


def properties(schema, place=()):
    """Places of every property that the schema knows."""
    schema = {} if schema is True else schema
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        schema = manifests.schema()["$defs"][name]
    for key, inner in schema.get("properties", {}).items():
        yield (*place, key)
        yield from properties(inner, (*place, key))
    if "items" in schema:
        yield from properties(schema["items"], (*place, "*"))
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from properties(branch, place)


def test_every_property_of_the_schema_is_tried(statements):
    """A new field enters the identity, or is named in `WORDS`, and is one
    of the manifests that the test above walks."""
    tried = {tuple("*" if isinstance(key, int) else key
                   for key in place[:count])
             for statement in statements for place, _ in leaves(statement)
             for count in range(1, len(place) + 1)}
    missing = {place for place in properties(manifests.schema())
               if place not in tried}
    assert not missing


def test_words_name_fields_that_exist():
    known = {".".join(place) for place in properties(manifests.schema())}
    assert known >= WORDS


def test_the_order_of_a_list_is_part_of_it(statements):
    for statement in statements:
        for key in "classes", "bins":
            if len(statement[key]) > 1:
                turned = statement | {key: statement[key][::-1]}
                assert identity(turned) != statement["identity"]


CHANGES = [
    {"classes": ("b", "a")}, {"classes": ("a", "c")},
    {"min_intensity": np.nextafter(.25, 1)}, {"saturation_level": 9.},
    {"preprocessing": Preprocessing(normalisation="snv")},
    {"preprocessing": Preprocessing(normalisation="area",
                                    spikes=SpikeRule(900., 9.))},
    {"preprocessing": Preprocessing(Baseline("exact"), "area")},
    {"calibration": Calibration(.3)}, {"calibration": Calibration(doubt=.1)},
    {"unknown": UnknownRule(.5)}, {"unknown": UnknownRule(0., .5)},
    {"unknown": UnknownRule(0., .5, 0.02)},
    {"mixture_error": MixtureError((0.01, 0.01), (0., 0.1), 2)},
    {"averaging": 2}, {"variation": VARIATION}, {"strengths": (2., 0.5)},
    {"variation": Variation(4, VARIATION.directions, [0., 0.5])},
    {"references": np.ones((2, CHANNELS))},
    {"separability": np.zeros(4)}, {"seed": 5},
    {"drift": DRIFT}, {"drift": DRIFT, "mean_rule": MeanRule(
        VARIATION, 12, 0.2, 0.05, 0.01)},
    {"drift": DRIFT, "mean_rule": MeanRule(
        VARIATION, 12, 0.2, 0.05, 0.01, LineRule(VARIATION, 0.1))},
    {"drift": DRIFT, "mean_rule": MeanRule(
        VARIATION, 12, 0.2, 0.05, 0.01, structure=9.)}]


def test_a_model_that_differs_has_another_id_and_keeps_the_first_manifest(
        subtests, tmp_path):
    first = model.save(tmp_path / "a.onnx", definition_of(), INFO,
                       spectra_of())
    for change in CHANGES:
        with subtests.test(change=repr(change)):
            definition = (definition_of(**change) if "seed" in change
                          else replace(definition_of(), **change))
            second = model.save(tmp_path / "b.onnx", definition, INFO,
                                spectra_of())
            assert first["identity"] != second["identity"]
            assert first["id"] != second["id"]
            for statement in first, second:
                kept = tmp_path / f"{statement['id']}.json"
                assert json.loads(kept.read_text()) == statement


def test_words_change_the_file_and_not_the_identity(tmp_path):
    first = model.save(tmp_path / "a.onnx", definition_of(), INFO,
                       spectra_of())
    second = model.save(
        tmp_path / "b.onnx", definition_of(),
        INFO | {"licence": "none", "description": "another",
                "metrics": {"accuracy": 1.}, "training": {"seconds": 2.}},
        spectra_of(seed=9))
    assert first["id"] == second["id"]
    assert first["manifest_sha256"] != second["manifest_sha256"]
    assert model.load(tmp_path / "b.onnx").identity == first["identity"]


def test_the_advice_to_arm_is_part_of_the_identity(tmp_path):
    advised, *others = [
        model.save(tmp_path / "a.onnx", definition_of(),
                   INFO | {"metrics": {"guards": {"arm": arm}}},
                   spectra_of())["id"]
        for arm in (True, False, None, "false", 1)]
    assert len(set(others)) == 1
    assert advised not in others


def test_the_manifest_of_another_model_is_not_overwritten(tmp_path):
    first = model.save(tmp_path / "a.onnx", definition_of(), INFO,
                       spectra_of())
    beside = tmp_path / f"{first['id']}.json"
    theirs = first | {"identity": first["identity"][:16] + "0" * 48}
    beside.write_text(json.dumps(theirs))
    with pytest.raises(ModelFileError, match="belongs to another model"):
        model.save(tmp_path / "b.onnx", definition_of(), INFO, spectra_of())
    assert json.loads(beside.read_text()) == theirs
    assert not (tmp_path / "b.onnx").exists()


@pytest.mark.parametrize("key", ["id", "identity"])
def test_a_stated_identity_that_is_not_that_of_the_content(saved, key):
    from tests.model.test_store import edit

    def forge(statement):
        statement[key] = statement[key][:-16] + "0" * 16
    path, _ = saved
    edit(path, forge, seal="manifest")
    with pytest.raises(ModelFileError, match="calls itself"):
        model.load(path)


def graph_variants(proto):
    """[(what, changed copy)] of everything in a graph that may matter."""
    def variant(change):
        other_proto = onnx.ModelProto()
        other_proto.CopyFrom(proto)
        change(other_proto)
        return other_proto

    def swap(values):
        turned = list(values)[::-1]
        del values[:]
        values.extend(turned)

    def attribute(each):
        node = next(n for n in each.graph.node if n.attribute)
        node.attribute[0].i += 1

    return {
        "opset": variant(lambda m: setattr(m.opset_import[0], "version",
                                           16)),
        "format": variant(lambda m: setattr(m, "ir_version", 9)),
        "order of outputs": variant(lambda m: swap(m.graph.output)),
        "name of the input": variant(
            lambda m: setattr(m.graph.input[0], "name", "x")),
        "type of the input": variant(lambda m: setattr(
            m.graph.input[0].type.tensor_type, "elem_type",
            TensorProto.DOUBLE)),
        "shape of the output": variant(lambda m: setattr(
            m.graph.output[0].type.tensor_type.shape.dim[1], "dim_value",
            9)),
        "an input more": variant(lambda m: m.graph.input.append(
            helper.make_tensor_value_info("z", TensorProto.FLOAT, [1]))),
        "order of nodes": variant(lambda m: swap(m.graph.node)),
        "an attribute": variant(attribute),
        "an operator": variant(
            lambda m: setattr(m.graph.node[0], "op_type", "Abs")),
        "an initialiser": variant(lambda m: setattr(
            m.graph.initializer[0], "name", "z")),
    }


def test_everything_in_the_graph_enters_its_hash(saved):
    proto = plain.parse(saved[0].read_bytes(), saved[0])
    hashes = {what: weights_sha256(each)
              for what, each in graph_variants(proto).items()}
    assert len({weights_sha256(proto), *hashes.values()}) == len(hashes) + 1


def test_what_is_only_said_in_a_graph_does_not_enter_its_hash(saved):
    proto = plain.parse(saved[0].read_bytes(), saved[0])
    before = weights_sha256(proto)
    proto.doc_string = proto.graph.doc_string = proto.graph.name = "words"
    proto.producer_version = "9"
    for node in proto.graph.node:
        node.name = node.doc_string = "words"
    assert weights_sha256(proto) == before


def test_two_heads_of_one_graph_are_two_models(tmp_path):
    """Which output is taken depends on their order."""
    from onnx import numpy_helper
    weight = np.random.default_rng(1).normal(size=(CHANNELS, 2))
    value = helper.make_tensor_value_info
    ids = []
    for outputs in ("p", "q"), ("q", "p"):
        proto = helper.make_model(helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["l"]),
             helper.make_node("Softmax", ["l"], ["p"], axis=1),
             helper.make_node("Identity", ["p"], ["q"])], "two",
            [value("x", TensorProto.FLOAT, ["n", CHANNELS])],
            [value(name, TensorProto.FLOAT, ["n", 2]) for name in outputs],
            [numpy_helper.from_array(weight.astype(np.float32), "w")]),
            opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(proto, tmp_path / "theirs.onnx")
        ids.append(model.wrap(
            tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
            foreign_definition(), INFO, spectra_of())["id"])
    assert ids[0] != ids[1]


def test_a_sealed_manifest_stays_as_it_is(statements):
    for statement in statements:
        assert sealed(statement) == statement
