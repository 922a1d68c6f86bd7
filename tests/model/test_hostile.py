"""Files from anywhere load or are refused: in one sentence, and in time."""
import contextlib
import copy
import json
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from spectra_classifier import model
from spectra_classifier.errors import ModelFileError
from spectra_classifier.model import bounds
from spectra_classifier.model.fingerprint import sealed
from spectra_classifier.model.store import MANIFEST_KEY
from tests.model.conftest import CHANNELS, INFO, spectra_of
from tests.model.test_engines import foreign, foreign_definition
from tests.model.test_identity import leaves

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "models").glob("*.onnx"))
SMALLEST = min(RELEASED, key=lambda path: path.stat().st_size)
#: s in which every file is refused, on a machine that does other work too
IN_TIME = 20.


def parts(path):
    proto = onnx.load(path)
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    return proto, properties, json.loads(properties[MANIFEST_KEY])


def write(path, proto, properties, text):
    helper.set_model_props(proto, properties | {MANIFEST_KEY: text})
    path.write_bytes(proto.SerializeToString())


def load_or_refuse(path):
    """The model or None; nothing but a refusal in one sentence, in time."""
    started = time.monotonic()
    try:
        return model.load(path)
    except ModelFileError as error:
        text = str(error)
        assert text.isprintable() and 10 < len(text) < 900, text
        return None
    finally:
        assert time.monotonic() - started < IN_TIME


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def released():
    return {path: (path.read_bytes(), model.load(path))
            for path in RELEASED}


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_load_as_the_same_model_or_not_at_all(
        folder, released, data):
    source = data.draw(st.sampled_from(RELEASED))
    whole, loaded = released[source]
    spoilt = bytearray(whole)
    seed = data.draw(st.integers(0, 2 ** 32 - 1))
    rng = np.random.default_rng(seed)
    kind = data.draw(st.sampled_from(
        ("bits", "share", "cut", "remove", "repeat", "zeros")))
    first = int(rng.integers(len(whole)))
    length = int(rng.integers(1, 4096))
    if kind == "bits":
        for place in rng.integers(len(whole), size=rng.integers(1, 8)):
            spoilt[place] ^= 1 << int(rng.integers(8))
    elif kind == "share":
        places = np.flatnonzero(rng.uniform(size=len(whole)) < .01)
        for place in places:
            spoilt[place] = int(rng.integers(256))
    elif kind == "cut":
        del spoilt[first:]
    elif kind == "remove":
        del spoilt[first:first + length]
    elif kind == "repeat":
        spoilt[first:first] = spoilt[first:first + length]
    else:
        spoilt[first:first + length] = bytes(len(
            spoilt[first:first + length]))
    path = folder / "damaged.onnx"
    path.write_bytes(spoilt)
    found = load_or_refuse(path)
    assert found is None or (found.identity == loaded.identity
                             and found.manifest == loaded.manifest)


ABSURD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
    st.sampled_from([
        1e308, -1e308, 5e-324, 2 ** 31, 2 ** 63 - 1, -1, 0, 1.0, 1e9,
        10 ** 9, 10 ** 12, "", "\n", "\x00", "\x1b[31m", "a\n", "../../x",
        "\u202e", " a", [], {}, [[]], ["a"] * 200, [0] * 2000, {"a": {}}]))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_manifest_with_an_absurd_value_loads_or_is_refused(folder, data):
    proto, properties, statement = parts(SMALLEST)
    place, _ = data.draw(st.sampled_from(leaves(statement)))
    place = place[:data.draw(st.integers(1, len(place)))]
    inner = statement
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = data.draw(ABSURD)
    # what cannot be sealed keeps its old hash
    with contextlib.suppress(ValueError, AttributeError, KeyError,
                             TypeError):
        statement = sealed(statement)
    path = folder / "absurd.onnx"
    write(path, proto, properties, json.dumps(statement))
    load_or_refuse(path)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_the_text_of_a_manifest_may_be_anything(folder, data):
    proto, properties, _ = parts(SMALLEST)
    text = properties[MANIFEST_KEY]
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, min(first + 50, len(text))))
    more = data.draw(st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.sampled_from(["NaN", "1e999", "9" * 5000, "[" * 100_000,
                         '{"a":' * 50_000, "\\ud800", ',"id":"x"', "\0"])))
    path = folder / "text.onnx"
    write(path, proto, properties, text[:first] + more + text[last:])
    load_or_refuse(path)


def with_text(insert):
    return lambda text: text.replace('"training": {', insert, 1)


TEXTS = {
    "nan": ('"training": {"x": NaN, ', "NaN"),
    "infinite": ('"training": {"x": 1e999, ', "1e999"),
    "digits": ('"training": {"x": ' + "9" * 20 + ", ", "20 digits"),
    "nested": ('"training": {"x": ' + "[" * 100_000 + "]" * 100_000 + ", ",
               "levels"),
    "deep": ('"training": {"x": ' + "[" * 40 + "]" * 40 + ", ", "32 levels"),
    "twice": ('"training": {"seconds": 1, ', "'seconds'.*twice"),
    "surrogate": ('"training": {"x": "\\ud800", ', "text"),
    "escape": ('"training": {"x": "\\u001b[31m", ', "text"),
}


def test_odd_json(subtests, tmp_path):
    proto, properties, _ = parts(SMALLEST)
    text = properties[MANIFEST_KEY]
    assert '"training": {' in text
    path = tmp_path / "m.onnx"
    for case, (insert, words) in TEXTS.items():
        with subtests.test(case=case):
            write(path, proto, properties,
                  text.replace('"training": {', insert, 1))
            with pytest.raises(ModelFileError, match=words):
                model.load(path)


def test_a_manifest_that_is_not_utf8(tmp_path):
    foreign(tmp_path / "theirs.onnx")
    (tmp_path / "theirs.json").write_bytes(b'{"id": "\xff"}')
    with pytest.raises(ModelFileError, match="not UTF-8"):
        model.load(tmp_path / "theirs.onnx")


def deep(statement, place, value):
    inner = statement
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value


MANIFESTS = {
    "iterations": (("preprocessing", "baseline", "iterations"), 10 ** 9),
    "channels": (("axis",), {"quantity": "a", "unit": "b", "first": 0.,
                             "channels": 10 ** 12, "step": 1.}),
    # no check foresees it: numpy has no such integer
    "step": (("axis",), {"quantity": "a", "unit": "b", "first": 0,
                         "channels": 64, "step": 10 ** 19 - 1}),
    "objects as classes": (("classes",), [{"a": i} for i in range(20_000)]),
    "many classes": (("classes",), [f"c{i}" for i in range(20_000)]),
    "many bins": (("bins",), [{"start": 0}] * 100_000),
    "many numbers": (("training",), {"a": list(range(200_000))}),
    "indices": (("training", "data"), [
        {"identifier": "a", "sha256": None, "indices": [1] * 3_000_000,
         "groups": None}] * 3),
    "averaging": (("averaging",), 10 ** 9),
    "knot step": (("preprocessing", "baseline", "knot_step"), 10 ** 18),
    "small temperature": (("calibration", "temperature"), 5e-324),
    "no priors": (("priors",), [0., 0., 0.]),
    "a prior of 0": (("priors",), [.5, .5, 0.]),
    "priors of 2": (("priors",), [.9, .9, .2]),
    "a prior too few": (("priors",), [.5, .5]),
    "line break in the name": (("name",), "fermentation\n"),
    "path in the name": (("name",), "../fermentation"),
    "control character": (("classes",), ["a", "b\x1b[31m", "c"]),
    "line break": (("classes",), ["a", "b\nc", "d"]),
    "blank at the end": (("classes",), ["a", "b ", "c"]),
    "blanks inside": (("classes",), ["a b", "a  b", "c"]),
    "wide letters": (("classes",), ["a", "\uff41", "c"]),
    "hidden character": (("classes",), ["a", "a\u200b", "c"]),
    "float for an integer": (("averaging",), 1.),
    "order": (("preprocessing", "order"),
              ["dark", "monitor", "mask", "gate", "baseline"]),
    "range": (("bins", 0, "from"), 1.),
    "length": (("preprocessing", "baseline", "length"), 1.),
    "status": (("calibration", "status"), "calibrated"),
    "weight": (("bins", 0, "weight"), 1e308),
    "gate": (("gate", "min_intensity"), 1e308),
    "text for a verdict": (("format_version",), "2"),
}


def test_a_manifest_that_asks_for_too_much(tmp_path, subtests):
    for case, (place, value) in MANIFESTS.items():
        with subtests.test(case=case):
            proto, properties, statement = parts(SMALLEST)
            deep(statement, place, copy.deepcopy(value))
            path = tmp_path / "m.onnx"
            write(path, proto, properties, json.dumps(sealed(statement)))
            assert load_or_refuse(path) is None


def graph_of(nodes, initialisers=(), domain=""):
    """A foreign classifier [n, 64] -> "p" [n, 2] of some nodes."""
    random = np.random.default_rng(1)
    weight = random.normal(size=(CHANNELS, 2)).astype(np.float32)
    value = helper.make_tensor_value_info
    return helper.make_model(helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["l"]),
         helper.make_node("Softmax", ["l"], ["q"], axis=1), *nodes], "g",
        [value("x", TensorProto.FLOAT, ["n", CHANNELS])],
        [value("p", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(weight, "w"),
         *(numpy_helper.from_array(np.asarray(array), name)
           for name, array in dict(initialisers).items())]),
        opset_imports=[helper.make_opsetid("", 17),
                       *([helper.make_opsetid(domain, 1)] if domain else [])],
        ir_version=8)


def node(operator, inputs, output, **attributes):
    return helper.make_node(operator, inputs.split(), [output], **attributes)


def sparse():
    stored = TensorProto(name="v", data_type=TensorProto.FLOAT, dims=[2])
    stored.data_location = TensorProto.EXTERNAL
    entry = stored.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    value = onnx.SparseTensorProto(dims=[2])
    value.values.CopyFrom(stored)
    value.indices.CopyFrom(numpy_helper.from_array(np.arange(2), "i"))
    return helper.make_node("Constant", [], ["s"], sparse_value=value)


def hidden_external():
    proto = graph_of([node("Identity", "q", "p")])
    constant = helper.make_node("Constant", [], ["s"], value=(
        numpy_helper.from_array(np.ones(2, np.float32), "v")))
    stored = constant.attribute[0].t
    stored.ClearField("raw_data")
    stored.data_location = TensorProto.EXTERNAL
    entry = stored.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    proto.graph.node.insert(0, constant)
    return proto


def with_training():
    proto = graph_of([node("Identity", "q", "p")])
    proto.training_info.add()
    return proto


def sequence_output():
    proto = graph_of([node("Identity", "q", "p")])
    proto.graph.output.append(helper.make_tensor_sequence_value_info(
        "z", TensorProto.FLOAT, None))
    return proto


def unknown_field():
    """A field 900 of the whole model, as a newer format might have."""
    return onnx.load_model_from_string(
        graph_of([node("Identity", "q", "p")]).SerializeToString()
        + b"\xa2\x38\x01x")


def sizes_alone():
    """Weights of a shape that no array has, and not one number."""
    proto = graph_of([node("Identity", "q", "p")])
    proto.graph.initializer.append(TensorProto(
        name="z", data_type=TensorProto.INT64, dims=[0] + 7 * [2**31 - 1]))
    return proto


def nan_weight():
    return graph_of([node("Add", "q bad", "p")], {
        "bad": np.array([np.nan, 0], np.float32)})


def packed():
    """One weight for many operators, each of which keeps a copy."""
    return graph_of(
        [node("Pad", "x ends", "m0"),
         *(node("MatMul", f"m{step} e", f"m{step + 1}")
           for step in range(4000)),
         node("ReduceSum", "m4000 axis", "s", keepdims=1),
         node("Mul", "s zero", "z"), node("Add", "q z", "p")],
        {"e": np.eye(2000, dtype=np.float32), "axis": np.array([1]),
         "ends": np.array([0, 0, 0, 2000 - CHANNELS]),
         "zero": np.float32([0.])})


def slow():
    """Arrays of allowed size, and more work than a classifier has."""
    return graph_of(
        [node("Pad", "x ends", "row"), node("Unsqueeze", "row last", "a"),
         node("Unsqueeze", "row middle", "b"), node("Mul", "a b", "m0"),
         *(node("MatMul", f"m{step} m0", f"m{step + 1}")
           for step in range(2000)),
         node("ReduceSum", "m2000 axes", "s", keepdims=0),
         node("Unsqueeze", "s middle", "t"), node("Mul", "t zero", "z"),
         node("Add", "q z", "p")],
        {"ends": np.array([0, 0, 0, 1000 - CHANNELS]),
         "last": np.array([2]), "middle": np.array([1]),
         "axes": np.array([1, 2]), "zero": np.float32([0.])})


SUM = node("ReduceSum", "big axes", "s", keepdims=1)
REST = (SUM, node("Mul", "s zero", "z"), node("Add", "q z", "p"))
ZERO = {"zero": np.float32([0.]), "axes": np.array([0, 1])}
GRAPHS = {
    "random numbers": (lambda: graph_of([
        node("RandomUniformLike", "q", "u"), node("Add", "q u", "p")]),
        "RandomUniformLike"),
    "drawing": (lambda: graph_of([
        node("Bernoulli", "q", "u"), node("Add", "q u", "p")]),
        "Bernoulli"),
    "training": (lambda: graph_of(
        [node("Dropout", "q ratio yes", "p")],
        {"ratio": np.float32(.5), "yes": np.array(True)}), "Dropout"),
    "sparse constant": (lambda: graph_of([
        sparse(), node("Add", "q s", "p")]), "sparse weights"),
    "external constant": (hidden_external, "another file"),
    "training information": (with_training, "training_info"),
    "a list as output": (sequence_output, "sequence_type"),
    "unknown field": (unknown_field, "does not know"),
    "NaN among weights": (nan_weight, "NaN"),
    "sizes alone": (sizes_alone, "not valid ONNX"),
    "texts as weights": (lambda: graph_of(
        [node("Identity", "q", "p")], {"t": np.array(["a", "b"], object)}),
        "string_data"),
    "expanded": (lambda: graph_of(
        [node("Expand", "one shape", "big"), *REST],
        ZERO | {"one": np.float32([1]),
                "shape": np.array([10 ** 6, 10 ** 6])}), "values for"),
    "range": (lambda: graph_of(
        [node("Range", "a b c", "line"), node("Unsqueeze", "line first",
                                              "big"), *REST],
        ZERO | {"a": np.float32(0), "b": np.float32(3e9),
                "c": np.float32(1), "first": np.array([0])}),
        "uses Range"),
    "tiled": (lambda: graph_of(
        [node("Tile", "x repeats", "big"), *REST],
        ZERO | {"repeats": np.array([1, 10 ** 8])}), "values for"),
    "outer products": (lambda: graph_of(
        [node("Unsqueeze", "x last", "a"), node("Unsqueeze", "x middle",
                                                "b"),
         node("Mul", "a b", "c"), node("Flatten", "c", "r", axis=1),
         node("Unsqueeze", "r last", "d"), node("Unsqueeze", "r middle",
                                                "e"),
         node("Mul", "d e", "big"), *REST],
        {"zero": np.float32([0.]), "last": np.array([2]),
         "middle": np.array([1]), "axes": np.array([0, 1, 2])}),
        "more than the limit"),
    "size of the data": (lambda: graph_of(
        [node("Cast", "x", "k", to=TensorProto.INT64),
         node("ReduceMax", "k", "m", keepdims=0),
         node("Unsqueeze", "m first", "shape"),
         node("Expand", "one shape", "line"),
         node("Unsqueeze", "line first", "big"), *REST],
        ZERO | {"first": np.array([0]), "one": np.float32([1])}),
        "not known before it runs"),
    "packed weights": (packed, "use 16000000[0-9]+ weights"),
    "slow": (slow, "more than 10 s"),
    "custom domain": (lambda: graph_of(
        [node("Evil", "q", "p", domain="com.example")],
        domain="com.example"), "com.example"),
}


def test_a_graph_that_does_more_than_classify(tmp_path, subtests):
    for case, (make, words) in GRAPHS.items():
        with subtests.test(case=case):
            (tmp_path / "theirs.onnx").write_bytes(make().SerializeToString())
            started = time.monotonic()
            with pytest.raises(ModelFileError, match=words):
                model.wrap(tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
                           foreign_definition(), INFO, spectra_of())
            assert time.monotonic() - started < IN_TIME
            assert not (tmp_path / "ours.onnx").exists()


def test_machine_learning_operators_have_known_sizes():
    domain = "ai.onnx.ml"
    proto = graph_of([
        node("Scaler", "x", "a", domain=domain, offset=[0.] * CHANNELS,
             scale=[1.] * CHANNELS),
        node("Normalizer", "a", "b", domain=domain, norm="L2"),
        helper.make_node("LinearClassifier", ["b"], ["c", "d"],
                         domain=domain, coefficients=[.1] * 2 * CHANNELS,
                         intercepts=[0., 0.], classlabels_ints=[0, 1],
                         post_transform="SOFTMAX"),
        node("Add", "d q", "p")], domain=domain)
    bounds.check(proto, "m.onnx")


def test_a_foreign_graph_gets_as_many_spectra_as_it_was_bounded_for(
        tmp_path):
    foreign(tmp_path / "theirs.onnx")
    model.wrap(tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
               foreign_definition(), INFO, spectra_of())
    engine = model.make_engine(model.load(tmp_path / "ours.onnx"))
    from spectra_classifier.core.model_definition import Settings
    from spectra_classifier.core.spectra import make_train
    spectra = spectra_of(2 * bounds.BATCH + 5, seed=4)
    whole = engine.classify(make_train(1, spectra), Settings())
    for place in 0, bounds.BATCH - 1, bounds.BATCH, len(spectra) - 1:
        alone = engine.classify(make_train(1, spectra[place:place + 1]),
                                Settings())
        np.testing.assert_allclose(alone.scores[0], whole.scores[place],
                                   atol=1e-6)


def test_two_manifests_in_one_file(tmp_path):
    proto, _, _ = parts(SMALLEST)
    proto.metadata_props.append(proto.metadata_props[0])
    path = tmp_path / "m.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelFileError, match="duplicate keys"):
        model.load(path)


def test_odd_paths(subtests, tmp_path):
    for name in "a\0.onnx", "a\n.onnx", "x" * 300, "a\ud800.onnx":
        with subtests.test(name=ascii(name)):
            with pytest.raises(ModelFileError) as error:
                model.load(f"{tmp_path}/{name}")
            assert str(error.value).isprintable()


@pytest.mark.parametrize("odd", ["/dev/zero", "/proc/self/environ", "/"])
def test_what_is_not_a_regular_file(odd):
    with pytest.raises(ModelFileError):
        model.load(odd)
