"""Engines made from a loaded model agree with the float64 reference."""
import json
import os
import subprocess
import sys
from itertools import product

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from spectra_classifier import model
from spectra_classifier.core.model_definition import ForeignMembers, Settings
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.errors import ConfigurationError, ModelFileError
from tests.model.conftest import CHANNELS, INFO, definition_of, spectra_of


def labels_and_votes(engine, spectra, run=None):
    result = engine.classify(make_train(1, spectra), run or Settings())
    return result.label, result.votes


def test_onnxruntime_equals_float64(subtests, tmp_path):
    path = tmp_path / "m.onnx"
    spectra = spectra_of(1500, seed=8)
    for kind, classes in product(
            ["pointwise", "linear", "mlp"], [2, 3]):
        with subtests.test(kind=kind, classes=classes):
            model.save(path, definition_of(kind, classes), INFO, spectra_of())
            loaded = model.load(path)
            exact, fast = (
                labels_and_votes(model.make_engine(loaded, engine), spectra)
                for engine in ("numpy", "onnxruntime"))
            if kind == "pointwise":
                # votes are points; each flip counts twice
                flips = np.abs(exact[1] - fast[1]).sum() / 2
                assert flips <= spectra.size / 1e5
            else:
                np.testing.assert_allclose(fast[1], exact[1], atol=1e-5)
                np.testing.assert_array_equal(fast[0], exact[0])


def test_a_wide_axis_does_not_cancel(tmp_path):
    """Energies in eV around 9000, with x standardised in the weights."""
    axis = Axis(np.linspace(9000, 9030, CHANNELS), "energy", "eV")
    definition = definition_of(axis=axis)
    members = definition.members
    x, y = axis.values, 1.
    members.w1[:, 0] /= x.std()
    members.b1[:] -= members.w1[:, 0] * x.mean() + members.w1[:, 1] * y
    path = tmp_path / "m.onnx"
    model.save(path, definition, INFO, spectra_of())
    loaded = model.load(path)
    spectra = spectra_of(1500, seed=8)
    exact = labels_and_votes(model.make_engine(loaded, "numpy"), spectra)
    fast = labels_and_votes(model.make_engine(loaded, "onnxruntime"),
                            spectra)
    assert np.abs(exact[1] - fast[1]).sum() / 2 <= spectra.size / 1e5


def test_graph_scores_are_the_weighted_vote(tmp_path):
    import onnxruntime
    path = tmp_path / "m.onnx"
    definition = definition_of(classes=3)
    model.save(path, definition, INFO, spectra_of())
    session = onnxruntime.InferenceSession(path)
    scores, votes = session.run(["scores", "votes"],
                                {"spectra": spectra_of()})
    expected = np.einsum("b,pbc->pc", definition.weights, votes)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_onnxruntime_keeps_no_record_of_its_use(saved, tmp_path):
    """Its telemetry keeps a database in the home directory and sends it."""
    home = tmp_path / "home"
    home.mkdir()
    code = ("import sys; from spectra_classifier import model; "
            "loaded = model.load(sys.argv[1]); "
            "model.make_engine(loaded, 'onnxruntime')")
    environment = os.environ | {"HOME": str(home)}
    for name in "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME":
        environment.pop(name, None)
    subprocess.run([sys.executable, "-c", code, saved[0]], check=True,
                   env=environment)
    kept = {path.relative_to(home).parts[:2] for path in home.rglob("*")
            if path.is_file()}
    assert kept <= {(".cache", "spectra_classifier")}


def test_all_weights_zero_decides_nothing(tmp_path):
    path = tmp_path / "m.onnx"
    model.save(path, definition_of(weights=np.zeros(4)), INFO, spectra_of())
    loaded = model.load(path)
    for kind in "numpy", "onnxruntime":
        label, _ = labels_and_votes(model.make_engine(loaded, kind),
                                    spectra_of())
        assert (label == -1).all()


def test_unknown_engine(saved):
    with pytest.raises(ConfigurationError, match=r"'best'.*fused, numpy"):
        model.make_engine(model.load(saved[0]), "best")


def foreign(path, outputs=2, softmax=True, channels=CHANNELS, batch="n"):
    """A logistic classifier as another program would export it."""
    random = np.random.default_rng(5)
    weight = numpy_helper.from_array(random.normal(
        size=(channels, outputs)).astype(np.float32), "w")
    nodes = [helper.make_node("MatMul", ["in", "w"], ["logits"])]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["out"]))
    value = helper.make_tensor_value_info
    onnx.save(helper.make_model(helper.make_graph(
        nodes, "other", [value("in", TensorProto.FLOAT, [batch, channels])],
        [value("out" if softmax else "logits", TensorProto.FLOAT,
               [batch, outputs])], [weight]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return numpy_helper.to_array(weight)


def foreign_definition():
    return definition_of(members=ForeignMembers(), bins=((0, CHANNELS),),
                         weights=np.ones(1), separability=None)


@pytest.mark.parametrize("softmax", [True, False])
def test_foreign_classifier(tmp_path, softmax):
    weight = foreign(tmp_path / "theirs.onnx", softmax=softmax)
    statement = model.wrap(
        tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
        foreign_definition(), INFO | {
            "foreign_output": "probabilities" if softmax else "logits"},
        spectra_of())
    loaded = model.load(tmp_path / "ours.onnx")
    assert statement["members"]["kind"] == "foreign"
    engine = model.make_engine(loaded, "fused")
    assert engine.name == "onnxruntime"
    spectra = spectra_of(50, seed=4)
    label, votes = labels_and_votes(engine, spectra)
    shape = spectra / spectra.mean(axis=1, keepdims=True)
    np.testing.assert_array_equal(label, (shape @ weight).argmax(axis=1))
    np.testing.assert_allclose(votes.sum(axis=2), 1, atol=1e-5)


@pytest.mark.parametrize(("change", "pattern"), [
    ({"outputs": 3}, "no float32 output"),
    ({"channels": 32}, r"expected one float32 input \[n, 64\]"),
    ({"batch": 1}, r"expected one float32 input \[n, 64\]"),
])
def test_foreign_classifier_that_does_not_fit(tmp_path, change, pattern):
    foreign(tmp_path / "theirs.onnx", **change)
    with pytest.raises(ModelFileError, match=pattern):
        model.wrap(tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
                   foreign_definition(), INFO, spectra_of())
    assert not (tmp_path / "ours.onnx").exists()


def test_logits_that_are_called_probabilities_are_refused(tmp_path):
    foreign(tmp_path / "theirs.onnx", softmax=False)
    with pytest.raises(ModelFileError, match='"foreign_output": "logits"'):
        model.wrap(tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
                   foreign_definition(), INFO, spectra_of())
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.onnx"]


def test_classes_in_another_order_than_the_outputs_are_refused(tmp_path):
    """A matched filter of the class means, whose outputs are swapped."""
    definition, value = foreign_definition(), helper.make_tensor_value_info
    means = np.asarray(definition.references, np.float64)
    for swapped in False, True:
        weight = (means - means.mean(axis=0))[::-1 if swapped else 1].T
        golden = means * 50
        path = tmp_path / f"{swapped}.onnx"
        onnx.save(helper.make_model(helper.make_graph(
            [helper.make_node("MatMul", ["in", "w"], ["logits"])], "other",
            [value("in", TensorProto.FLOAT, ["n", CHANNELS])],
            [value("logits", TensorProto.FLOAT, ["n", 2])],
            [numpy_helper.from_array(weight.astype(np.float32), "w")]),
            opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        words = (path, tmp_path / "ours.onnx", definition,
                 INFO | {"foreign_output": "logits"}, golden)
        if swapped:
            with pytest.raises(ModelFileError, match="not in the order"):
                model.wrap(*words)
        else:
            model.wrap(*words)


def test_a_manifest_may_lie_beside_the_file_as_it_came(tmp_path):
    """Not a byte of the foreign file is changed."""
    foreign(tmp_path / "theirs.onnx")
    statement = model.wrap(
        tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
        foreign_definition(), INFO, spectra_of())
    written = tmp_path / f"{statement['id']}.json"
    written.rename(tmp_path / "theirs.json")
    beside = model.load(tmp_path / "theirs.onnx")
    assert beside.manifest == model.load(tmp_path / "ours.onnx").manifest
    text = (tmp_path / "theirs.json").read_text()
    key = "spectra_classifier.array.references"
    wrong = json.loads(text)
    wrong["arrays"][key] = "A" + wrong["arrays"][key][1:-4] + "AAA="
    for arrays in wrong["arrays"], [], {key: 3}, None:
        (tmp_path / "theirs.json").write_text(json.dumps(
            wrong | {"arrays": arrays}))
        with pytest.raises(ModelFileError):
            model.load(tmp_path / "theirs.onnx")


def odd_graph(path, node):
    """log or sqrt of the counts, then a softmax: NaN below 0, as many
    export it."""
    random = np.random.default_rng(5)
    weight = numpy_helper.from_array(random.normal(
        size=(CHANNELS, 2)).astype(np.float32), "w")
    value = helper.make_tensor_value_info
    onnx.save(helper.make_model(helper.make_graph(
        [helper.make_node(node, ["in"], ["seen"]),
         helper.make_node("MatMul", ["seen", "w"], ["logits"]),
         helper.make_node("Softmax", ["logits"], ["out"])],
        "other", [value("in", TensorProto.FLOAT, ["n", CHANNELS])],
        [value("out", TensorProto.FLOAT, ["n", 2])], [weight]),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def test_a_foreign_output_that_is_not_finite_is_unknown(subtests, tmp_path):
    for node, limit in product(
            ["Log", "Sqrt", "Reciprocal"], [0., 0.99]):
        with subtests.test(node=node, limit=limit):
            odd_graph(tmp_path / "theirs.onnx", node)
            model.wrap(tmp_path / "theirs.onnx", tmp_path / "ours.onnx",
                       foreign_definition(), INFO, spectra_of())
            engine = model.make_engine(model.load(tmp_path / "ours.onnx"))
            spectra = spectra_of(8, seed=4)
            # of 0 the reciprocal is Inf, below it there is no root or
            # logarithm
            spectra[::2, 3] = 0. if node == "Reciprocal" else -1.
            result = engine.classify(make_train(1, spectra),
                                     Settings(min_confidence=limit))
            assert (result.label[::2] == Code.UNKNOWN).all()
            assert not result.confidence[::2].any()
            assert np.isfinite(result.votes).all()
            if not limit:
                assert (result.label[1::2] >= 0).all()


def test_one_row_for_all_spectra_is_refused(tmp_path):
    """It would be taken for the answer to every spectrum."""
    value = helper.make_tensor_value_info
    mean = helper.make_node("ReduceMean", ["all"], ["out"], axes=[0],
                            keepdims=1)
    weight = numpy_helper.from_array(np.ones((CHANNELS, 2), "f4"), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["in", "w"], ["logits"]),
         helper.make_node("Softmax", ["logits"], ["all"]), mean], "other",
        [value("in", TensorProto.FLOAT, ["n", CHANNELS])],
        [value("out", TensorProto.FLOAT, ["m", 2])], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[
        helper.make_opsetid("", 17)], ir_version=8), tmp_path / "t.onnx")
    with pytest.raises(ModelFileError, match=r"shape \(1, 2\) for 6"):
        model.wrap(tmp_path / "t.onnx", tmp_path / "ours.onnx",
                   foreign_definition(), INFO, spectra_of())


@settings(max_examples=40, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(
    st.integers(0, 19), st.integers(0, CHANNELS - 1), st.integers(0, 31)),
    min_size=1, max_size=20), st.lists(st.integers(0, CHANNELS - 1),
                                       max_size=20))
def test_flipped_bits_and_masks_are_the_same_in_every_engine(
        engines_of_one_model, flips, strips):
    raw = spectra_of(20, seed=4)
    for pulse, strip, bit in flips:
        raw.view(np.uint32)[pulse, strip] ^= np.uint32(1 << bit)
    mask = np.zeros(CHANNELS, bool)
    mask[strips] = True
    run = Settings(mask=mask if strips else None)
    oracle, *others = [engine.classify(make_train(1, raw), run)
                       for engine in engines_of_one_model]
    for result in oracle, *others:
        assert np.isfinite(result.confidence).all()
        assert np.isfinite(result.scores).all()
    two = np.sort(oracle.scores, axis=1)
    clear = (two[:, 1] - two[:, 0] > 0.1) | (oracle.label < -1)
    for result in others:
        np.testing.assert_array_equal(result.label[clear],
                                      oracle.label[clear])
        np.testing.assert_array_equal(result.confidence == 0,
                                      oracle.confidence == 0)


@pytest.fixture(scope="module", params=["pointwise", "linear", "mlp"])
def engines_of_one_model(request, tmp_path_factory):
    """All three engines of one saved model; numpy, the oracle, first."""
    path = tmp_path_factory.mktemp("model") / "m.onnx"
    model.save(path, definition_of(request.param), INFO, spectra_of())
    loaded = model.load(path)
    return [model.make_engine(loaded, kind)
            for kind in ("numpy", "fused", "onnxruntime")]
