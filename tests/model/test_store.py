"""Saving and loading: what comes back, and what is refused and why."""
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from spectra_classifier import model
from spectra_classifier.core.model_definition import Calibration
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import ModelFileError
from spectra_classifier.model import manifest as manifests
from spectra_classifier.model.fingerprint import (
    manifest_sha256,
    sealed,
    weights_sha256,
)
from spectra_classifier.model.store import MANIFEST_KEY
from tests.model.conftest import INFO, definition_of, spectra_of

KINDS = "pointwise", "linear", "mlp"


def edit(path, change, seal=True):
    """Change the embedded manifest of a file.

    `seal`: make its hashes fit, "manifest": only that of the manifest.
    """
    proto = onnx.load(path)
    properties = {entry.key: entry.value for entry in proto.metadata_props}
    statement = json.loads(properties[MANIFEST_KEY])
    change(statement)
    if seal == "manifest":
        statement["manifest_sha256"] = manifest_sha256(statement)
    elif seal:
        statement = sealed(statement)
    properties[MANIFEST_KEY] = json.dumps(statement)
    helper.set_model_props(proto, properties)
    onnx.save(proto, path)


def refused(path, pattern, **options):
    with pytest.raises(ModelFileError, match=pattern):
        model.load(path, **options)


def test_round_trip(subtests, tmp_path):
    for kind, classes in product(KINDS, [2, 3]):
        with subtests.test(kind=kind, classes=classes):
            path = tmp_path / "small.onnx"
            definition = definition_of(kind, classes, calibration=Calibration(
                0.5, 60, "probabilities", 0.02))
            statement = model.save(path, definition, INFO, spectra_of())
            loaded = model.load(path)
            assert loaded.manifest == statement
            assert loaded.identity == statement["identity"]
            back = loaded.definition
            assert back.model_id == f"small-{loaded.identity[:16]}"
            for field in ("classes", "preprocessing", "bins", "calibration",
                          "unknown"):
                assert getattr(back, field) == getattr(definition, field)
            for field in ("weights", "separability", "references",
                          "min_intensity", "saturation_level", "averaging"):
                np.testing.assert_array_equal(getattr(back, field),
                                              getattr(definition, field))
            np.testing.assert_array_equal(back.axis.values,
                                          definition.axis.values)
            for name, array in vars(definition.members).items():
                for ours, theirs in zip(getattr(back.members, name), array,
                                        strict=True):
                    np.testing.assert_array_equal(ours, theirs)


def test_manifest_is_written_beside_and_fulfils_the_schema(saved):
    path, statement = saved
    beside = path.parent / f"{statement['id']}.json"
    assert json.loads(beside.read_text()) == statement
    manifests.check(statement, beside)
    assert sorted(p.name for p in path.parent.iterdir()) == sorted(
        [path.name, beside.name])


def test_an_even_axis_is_stored_by_first_and_step(tmp_path):
    axis = Axis(9.5 + 0.25 * np.arange(64), "two_theta", "deg")
    statement = model.save(tmp_path / "m.onnx", definition_of(axis=axis),
                           INFO, spectra_of())
    assert statement["axis"] == {
        "quantity": "two_theta", "unit": "deg", "channels": 64,
        "first": 9.5, "step": 0.25}
    assert model.load(tmp_path / "m.onnx", axis=axis).identity


def test_equal_models_have_equal_ids(tmp_path, saved):
    again = model.save(tmp_path / "again.onnx", definition_of(), INFO,
                       spectra_of())
    other = model.save(tmp_path / "other.onnx", definition_of(seed=9), INFO,
                       spectra_of())
    assert again["id"] == saved[1]["id"] != other["id"]


def test_names_of_nodes_do_not_enter_the_hash_of_the_graph(saved):
    proto = onnx.load(saved[0])
    before = weights_sha256(proto)
    proto.graph.node[0].name = "another"
    assert weights_sha256(proto) == before
    proto.graph.node[0].input[0] = "another"
    assert weights_sha256(proto) != before


def test_missing_file(tmp_path):
    refused(tmp_path / "none.onnx", "no such file")


def test_directory(tmp_path):
    refused(tmp_path, "no such file")


def test_empty_file(tmp_path):
    (tmp_path / "m.onnx").touch()
    refused(tmp_path / "m.onnx", "is empty")


def test_truncated_file(subtests, saved):
    path, _ = saved
    data = path.read_bytes()
    for share in 0.01, 0.3, 0.6, 0.9, 0.999:
        with subtests.test(share=share):
            path.write_bytes(data[:int(share * len(data))])
            refused(path, "truncated|not valid|manifest|hash")


@pytest.mark.parametrize("protocol", [0, 2, pickle.HIGHEST_PROTOCOL])
def test_pickle_is_never_opened(tmp_path, protocol):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    path = tmp_path / "m.onnx"
    path.write_bytes(pickle.dumps(Bomb(), protocol))
    refused(path, "pickle|not ONNX")
    assert not (tmp_path / "exploded").exists()


def test_torch_archive(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"PK\x03\x04" + bytes(100))
    refused(tmp_path / "m.onnx", "pickle or a torch file")


@pytest.mark.parametrize("data", [b"hello, world\n", b"{}", bytes(300)])
def test_anything_else(tmp_path, data):
    (tmp_path / "m.onnx").write_bytes(data)
    refused(tmp_path / "m.onnx", "not ONNX|no ONNX graph")


def test_size_limit(tmp_path, monkeypatch, saved):
    monkeypatch.setattr("spectra_classifier.model.plain.MAX_BYTES", 100)
    refused(saved[0], "more than the limit")


def test_no_manifest(saved):
    path, _ = saved
    proto = onnx.load(path)
    helper.set_model_props(proto, {})
    onnx.save(proto, path)
    refused(path, "no manifest.*small.json")


def test_manifest_is_not_json(saved):
    path, _ = saved
    proto = onnx.load(path)
    helper.set_model_props(proto, {MANIFEST_KEY: "{"})
    onnx.save(proto, path)
    refused(path, "not JSON")


def test_unknown_format_version(saved):
    edit(saved[0], lambda m: m.update(format_version=1))
    refused(saved[0], "format version 1.*reads 2")


VIOLATIONS = [
    (lambda m: m.pop("classes"), "classes"),
    (lambda m: m.update(averaging=0), "averaging"),
    (lambda m: m["bins"][2].update(weight=-1), r"bins\.2\.weight"),
    (lambda m: m["calibration"].update(temperature="warm"),
     r"calibration\.temperature"),
    (lambda m: m["preprocessing"]["baseline"].update(mode="best"),
     r"preprocessing\.baseline\.mode"),
    (lambda m: m.update(surprise=1), "surprise"),
    (lambda m: m["axis"].update(values=None), "axis"),
]


def test_schema_violation_names_the_field(subtests, saved):
    path, _ = saved
    whole = path.read_bytes()
    for change, field in VIOLATIONS:
        with subtests.test(field=field):
            path.write_bytes(whole)
            edit(path, change)
            refused(path, field)


def test_manifest_that_was_edited(saved):
    edit(saved[0], lambda m: m["gate"].update(min_intensity=0.), seal=False)
    refused(saved[0], "does not match its own hash")


def test_wrong_hash_of_the_graph(saved):
    edit(saved[0], lambda m: m.update(weights_sha256="0" * 64))
    refused(saved[0], "graph has hash")


def test_changed_weight(saved):
    path, _ = saved
    proto = onnx.load(path)
    tensor = next(t for t in proto.graph.initializer
                  if t.name == "bin001.b1")
    values = numpy_helper.to_array(tensor).copy()
    values[0] = np.nextafter(values[0], np.inf)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save(proto, path)
    refused(path, "graph has hash")


def test_manifest_of_another_graph(saved):
    """A consistent manifest that says other weights than the graph has."""
    edit(saved[0], lambda m: m["bins"][0].update(weight=0.125))
    refused(saved[0], "not the one that the manifest describes")


def test_manifest_with_fewer_bins(saved):
    edit(saved[0], lambda m: m["bins"].pop())
    refused(saved[0], "not the one that the manifest describes")


def test_manifest_of_another_kind(saved):
    edit(saved[0], lambda m: m.update(members={"kind": "linear"}))
    refused(saved[0], "not an ensemble of linear members")


def test_golden_mismatch(saved):
    def swap(statement):
        statement["golden"]["labels"][0] ^= 1
    edit(saved[0], swap)
    refused(saved[0], "golden input")


def test_golden_scores_mismatch(saved):
    def shift(statement):
        statement["golden"]["scores"][0][0] += 0.1
    edit(saved[0], shift)
    refused(saved[0], "golden input")


def test_damaged_array(saved):
    path, _ = saved
    proto = onnx.load(path)
    for entry in proto.metadata_props:
        if entry.key.endswith("references"):
            entry.value = "AAAA" + entry.value[4:]
    onnx.save(proto, path)
    refused(path, "references.*does not match its hash")


def test_another_axis(saved):
    axis = definition_of().axis
    assert model.load(saved[0], axis=axis).path == saved[0]
    refused(saved[0], "32 channels instead of 64",
            axis=Axis(np.linspace(1, 3, 32), "two_theta", "deg"))
    refused(saved[0], "channel 63 lies at",
            axis=Axis(np.linspace(1, 3.1, 64), "two_theta", "deg"))
    refused(saved[0], "energy", axis=Axis(axis.values, "energy", "eV"))


def test_a_known_file_is_not_verified_again(saved, tmp_path, monkeypatch):
    known = model.load(saved[0])
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(saved[0].read_bytes())
    other = tmp_path / "other.onnx"
    model.save(other, definition_of("linear"), INFO, spectra_of())
    monkeypatch.setattr("spectra_classifier.model.golden.check", None)
    again = model.load(copy, known=[known])
    assert again.definition is known.definition
    assert again.path == copy
    refused(other, "NoneType", known=[known])
    copy.write_bytes(saved[0].read_bytes() + b"\0")
    refused(copy, "NoneType|parse|ONNX", known=[known])
    refused(saved[0], "energy", known=[known],
            axis=Axis(known.definition.axis.values, "energy", "eV"))


def test_a_known_graph_with_another_manifest_is_verified(saved):
    """The manifest of a file of its own may have changed since."""
    path, _ = saved
    proto = onnx.load(path)
    own = {entry.key: entry.value for entry in proto.metadata_props}
    beside = path.with_suffix(".json")
    beside.write_text(own.pop(MANIFEST_KEY))
    helper.set_model_props(proto, own)
    onnx.save(proto, path)
    known = model.load(path)
    beside.write_text("{}")
    refused(path, "format version", known=[known])


def _plain_graph(*nodes, initialisers=(), domain=""):
    value = helper.make_tensor_value_info
    return helper.make_model(
        helper.make_graph(
            list(nodes), "g", [value("x", TensorProto.FLOAT, ["n", 64])],
            [value("y", TensorProto.FLOAT, ["n", 64])], list(initialisers)),
        opset_imports=[helper.make_opsetid("", 17)] + (
            [helper.make_opsetid(domain, 1)] if domain else []),
        ir_version=8)


def test_custom_operator(tmp_path):
    node = helper.make_node("Evil", ["x"], ["y"], domain="com.example")
    onnx.save(_plain_graph(node, domain="com.example"), tmp_path / "m.onnx")
    refused(tmp_path / "m.onnx", "com.example")


def test_functions(tmp_path):
    proto = _plain_graph(helper.make_node("Relu", ["x"], ["y"]))
    proto.functions.append(helper.make_function(
        "own", "f", ["x"], ["y"], [helper.make_node("Relu", ["x"], ["y"])],
        [helper.make_opsetid("", 17)]))
    onnx.save(proto, tmp_path / "m.onnx")
    refused(tmp_path / "m.onnx", "functions of its own")


def test_control_flow(tmp_path):
    body = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["z"])], "body", [],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)])
    yes = numpy_helper.from_array(np.array(True), "yes")
    node = helper.make_node("If", ["yes"], ["y"], then_branch=body,
                            else_branch=body)
    onnx.save(_plain_graph(node, initialisers=[yes]), tmp_path / "m.onnx")
    refused(tmp_path / "m.onnx", "uses If.*without graphs inside")


def test_external_data(tmp_path):
    weight = numpy_helper.from_array(np.ones((64, 64), np.float32), "w")
    proto = _plain_graph(helper.make_node("MatMul", ["x", "w"], ["y"]),
                         initialisers=[weight])
    onnx.save(proto, tmp_path / "m.onnx", save_as_external_data=True,
              size_threshold=0, location="weights.bin")
    refused(tmp_path / "m.onnx", "another file")


def test_invalid_onnx(tmp_path):
    proto = _plain_graph(helper.make_node("Relu", ["nowhere"], ["y"]))
    onnx.save(proto, tmp_path / "m.onnx")
    refused(tmp_path / "m.onnx", "not valid ONNX")


def test_a_bad_name_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ModelFileError, match="name"):
        model.save(tmp_path / "m.onnx", definition_of(),
                   INFO | {"name": "../up"}, spectra_of())
    assert not list(tmp_path.iterdir())


def test_no_manifest_without_its_model(tmp_path):
    """Where the model cannot get its name."""
    path = tmp_path / "small.onnx"
    path.mkdir()
    with pytest.raises(OSError):
        model.save(path, definition_of("linear", 2), INFO, spectra_of(2))
    assert os.listdir(tmp_path) == [path.name]


def test_kill_while_saving_leaves_the_old_file_or_the_new(tmp_path):
    """SIGKILL at any moment: what is at the path always loads."""
    path = tmp_path / "m.onnx"
    model.save(path, definition_of(), INFO, spectra_of())
    code = (
        "from tests.model.conftest import *\n"
        "print('ready', flush=True)\n"
        "seed = 0\n"
        "while True:\n"
        "    seed += 1\n"
        f"    model.save({str(path)!r}, definition_of(seed=seed), INFO,\n"
        "               spectra_of())\n")
    root = Path(__file__).parents[2]
    before = path.stat().st_mtime_ns
    with subprocess.Popen(
            [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(
                [str(root), *sys.path])}) as process:
        assert process.stdout.readline() == b"ready\n"
        while path.stat().st_mtime_ns == before:
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert model.load(path).definition.classes == ("a", "b")
