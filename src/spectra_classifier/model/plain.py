"""Only plain ONNX gets in: data and standard operators, nothing that acts."""
import os
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from ..errors import ModelFileError

#: larger files are refused before they are read
MAX_BYTES = 256 * 2 ** 20
#: operator sets that every ONNX runtime brings along
DOMAINS = ("", "ai.onnx", "ai.onnx.ml")


def read_bytes(path):
    """The bytes of a regular file of sensible size, or `ModelFileError`."""
    path = Path(path)
    try:
        if not path.is_file():
            raise ModelFileError(f"{path}: there is no such file")
        size = path.stat().st_size
        if size == 0:
            raise ModelFileError(f"{path} is empty: copy the model again")
        if size > MAX_BYTES:
            raise ModelFileError(
                f"{path} has {size / 2 ** 20:.0f} MB, more than the limit of "
                f"{MAX_BYTES / 2 ** 20:.0f} MB for a model")
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be read: {os.strerror(error.errno)}") from None


def parse(data, path):
    """`onnx.ModelProto` of plain ONNX; `ModelFileError` for anything else."""
    if data[:1] == b"\x80" or data[:2] == b"PK":
        raise ModelFileError(
            f"{path} is a pickle or a torch file, not ONNX: it could run "
            "code and is never opened; export the model as ONNX")
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError:
        raise ModelFileError(f"{path} is not ONNX, or it is truncated: copy "
                             "or export the model again") from None
    if not model.graph.node:
        raise ModelFileError(f"{path} holds no ONNX graph: it is not a "
                             "model, or it is truncated")
    _refuse_what_is_not_plain(model, path)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelFileError(f"{path} is not valid ONNX: {reason}") from None
    return model


def _refuse_what_is_not_plain(model, path):
    if model.functions:
        raise ModelFileError(f"{path} defines functions of its own "
                             f"({model.functions[0].name!r}): export the "
                             "model with plain operators")
    for opset in model.opset_import:
        if opset.domain not in DOMAINS:
            raise ModelFileError(
                f"{path} needs the operator domain {opset.domain!r}: only "
                "standard ONNX operators are allowed")
    for node in model.graph.node:
        if node.domain not in DOMAINS:
            raise ModelFileError(
                f"{path} uses {node.domain}.{node.op_type}: only standard "
                "ONNX operators are allowed")
        for attribute in node.attribute:
            if attribute.HasField("g") or attribute.graphs:
                raise ModelFileError(
                    f"{path} uses {node.op_type} with a graph inside: a "
                    "classifier needs no control flow")
            _refuse_external(attribute.t, path)
            for tensor in attribute.tensors:
                _refuse_external(tensor, path)
    if model.graph.sparse_initializer:
        raise ModelFileError(f"{path} has sparse weights: export them dense")
    for tensor in model.graph.initializer:
        _refuse_external(tensor, path)


def _refuse_external(tensor, path):
    if (tensor.data_location == onnx.TensorProto.EXTERNAL
            or tensor.external_data):
        raise ModelFileError(
            f"{path} keeps {tensor.name!r} in another file: a model is one "
            "file; save it without external data")
