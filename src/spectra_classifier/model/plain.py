"""Only plain ONNX is accepted: data and standard operators, nothing that acts.

The content of a file is read only after it was found harmless, and a file is
rejected in bounded time and memory.
"""
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from numpy.typing import ArrayLike
from onnx import ModelProto, TensorProto, numpy_helper

from ..errors import ModelFileError
from . import operators

type AnyPath = str | os.PathLike[str]

#: larger files are rejected before they are read; ours have less than 1 MB
MAX_BYTES = 256 * 2 ** 20
#: operators of a graph; `core.limits.MAX_BINS` bins need some 17 000
MAX_NODES = 20_000
#: weights, attributes, inputs and names of all operators together
MAX_PARTS = 500_000
#: dimensions of one tensor, and the length of one of them
MAX_RANK, MAX_DIMENSION = 8, 2 ** 31 - 1
#: versions of the file format: from that with metadata to the newest known
IR_VERSIONS = 3, 13
#: element types that are numbers in all engines
NUMBERS = frozenset((
    TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16,
    TensorProto.BOOL, TensorProto.INT8, TensorProto.INT16, TensorProto.INT32,
    TensorProto.INT64, TensorProto.UINT8, TensorProto.UINT16,
    TensorProto.UINT32, TensorProto.UINT64))
#: message -> fields that may be set. All others are rejected, also those that
#: this version does not know: data in other files, sparse data, graphs,
#: functions, training, texts among the weights, devices
FIELDS = {
    "ModelProto": "ir_version opset_import producer_name producer_version "
    "domain model_version doc_string graph metadata_props",
    "OperatorSetIdProto": "domain version",
    "StringStringEntryProto": "key value",
    "GraphProto": "node name initializer doc_string input output value_info "
    "metadata_props",
    "NodeProto": "input output name op_type domain attribute doc_string "
    "metadata_props",
    "AttributeProto": "name doc_string type f i s t floats ints strings",
    "TensorProto": "dims data_type float_data int32_data int64_data name "
    "doc_string raw_data double_data uint64_data metadata_props",
    "ValueInfoProto": "name type doc_string metadata_props",
    "TypeProto": "tensor_type denotation",
    "Tensor": "elem_type shape",
    "TensorShapeProto": "dim",
    "Dimension": "dim_value dim_param denotation",
}
_ALLOWED = {name: frozenset(fields.split())
            for name, fields in FIELDS.items()}


def check_path(path: AnyPath) -> Path:
    """Check that a path names a regular file of sensible size.

    The one check for the command line and for the devices.

    Raises
    ------
    ModelFileError
        If there is no such file, or it is empty or larger than `MAX_BYTES`.
    """
    text = os.fspath(path)
    if not text.isprintable():
        raise ModelFileError(f"{ascii(text)[:200]} holds characters that "
                             "cannot be shown: rename the file")
    try:
        found = os.stat(text)
    except FileNotFoundError:
        raise ModelFileError(f"{text}: there is no such file") from None
    except OSError as error:
        raise ModelFileError(f"{text:.200} cannot be read: "
                             f"{error.strerror}") from None
    if not stat.S_ISREG(found.st_mode):
        raise ModelFileError(f"{text} is not a file: there is no such file "
                             "to load")
    if found.st_size == 0:
        raise ModelFileError(f"{text} is empty: copy the model again")
    if found.st_size > MAX_BYTES:
        raise ModelFileError(
            f"{text} has {found.st_size / 2 ** 20:.0f} MB, more than the "
            f"limit of {MAX_BYTES / 2 ** 20:.0f} MB for a model")
    return Path(text)


def read_bytes(path: AnyPath) -> bytes:
    """Read a regular file of at most `MAX_BYTES` bytes.

    Raises
    ------
    ModelFileError
        As `check_path`, and if the file cannot be read.
    """
    path = check_path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise ModelFileError(f"{path} grows while it is read: copy it again")
    return data


def parse(data: bytes, path: AnyPath) -> ModelProto:
    """Parse plain ONNX.

    Parameters
    ----------
    data
        Content of the file.
    path
        Its name, for messages.

    Raises
    ------
    ModelFileError
        If the content is anything but plain ONNX.
    """
    if data[:1] == b"\x80" or data[:2] == b"PK":
        raise ModelFileError(
            f"{path} is a pickle or a torch file, not ONNX: it could run "
            "code and is never opened; export the model as ONNX")
    try:
        model = onnx.load_model_from_string(data)
        if not model.graph.node:
            raise ModelFileError(f"{path} holds no ONNX graph: it is not a "
                                 "model, or it is truncated")
        _refuse_what_is_not_plain(model, path)
        onnx.checker.check_model(model)
    except ModelFileError:
        raise
    except (DecodeError, UnicodeDecodeError):
        raise ModelFileError(f"{path} is not ONNX, or it is truncated: copy "
                             "or export the model again") from None
    except (onnx.checker.ValidationError, ValueError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise ModelFileError(f"{path} is not valid ONNX: {reason:.300}"
                             ) from None
    return model


def _refuse_what_is_not_plain(model: ModelProto, path: AnyPath) -> None:
    if model.functions:
        raise ModelFileError(f"{path} defines functions of its own "
                             f"({model.functions[0].name!r:.80}): export the "
                             "model with plain operators")
    _check_versions(model, path)
    if len(model.graph.node) > MAX_NODES:
        raise ModelFileError(f"{path} has {len(model.graph.node)} operators, "
                             f"more than the limit of {MAX_NODES}")
    for node in model.graph.node:
        if reason := operators.objection(node):
            raise ModelFileError(f"{path} {reason}")
    _check_fields(model, path)


def _check_versions(model: ModelProto, path: AnyPath) -> None:
    least, most = IR_VERSIONS
    if not least <= model.ir_version <= most:
        raise ModelFileError(f"{path} has ONNX format {model.ir_version}: "
                             f"export it with {least} to {most}")
    seen = set()
    for opset in model.opset_import:
        if opset.domain not in operators.VERSIONS:
            raise ModelFileError(
                f"{path} needs the operator domain {opset.domain!r:.80}: "
                "only standard ONNX operators are allowed")
        least, most = operators.VERSIONS[opset.domain]
        if not least <= opset.version <= most or opset.domain in seen:
            raise ModelFileError(
                f"{path} needs version {opset.version} of the operators "
                f"{opset.domain or 'ai.onnx'}: export it with one of {least} "
                f"to {most}")
        seen.add(opset.domain)


def _check_fields(model: ModelProto, path: AnyPath) -> None:
    """Every message inside a model, without recursion: see `FIELDS`."""
    waiting, parts = [model], 0
    while waiting:
        message = waiting.pop()
        kind = message.DESCRIPTOR.name
        if len(UnknownFieldSet(message)):
            raise ModelFileError(f"{path} holds a {kind} that this version "
                                 "does not know: it is damaged or too new")
        for field, value in message.ListFields():
            if field.name not in _ALLOWED[kind]:
                _refuse_field(kind, field.name, value, message, path)
            if field.type == field.TYPE_STRING:
                _check_texts(value, field, kind, path)
            if field.message_type:
                more = value if field.is_repeated else [value]
                parts += len(more)
                waiting.extend(more)
            elif field.is_repeated and kind != "TensorProto":
                parts += len(value)
        if parts > MAX_PARTS:
            raise ModelFileError(f"{path} has more than {MAX_PARTS} parts: "
                                 "a classifier of spectra needs fewer")
        if kind == "TensorProto":
            _check_tensor(message, path)
        elif kind == "AttributeProto":
            _check_numbers((message.f, *message.floats), message.name, path)


def _check_texts(value: Any, field: FieldDescriptor, kind: str,
                 path: AnyPath) -> None:
    """Protobuf gives bytes where a text is not UTF-8."""
    texts = value if field.is_repeated else (value,)
    if any(isinstance(text, bytes) for text in texts):
        raise ModelFileError(f"{path} has a {kind}.{field.name} that is not "
                             "UTF-8: it is damaged, copy it again")


def _refuse_field(kind: str, name: str, value: Any, message: Message,
                  path: AnyPath) -> None:
    if name in ("external_data", "data_location"):
        if value == TensorProto.DEFAULT:
            return
        raise ModelFileError(
            f"{path} keeps {message.name!r:.80} in another file: a model is "
            "one file; save it without external data")
    if name in ("g", "graphs"):
        raise ModelFileError(f"{path} has a graph inside an operator: a "
                             "classifier needs no control flow")
    if name.startswith("sparse"):
        raise ModelFileError(f"{path} has sparse weights ({kind}.{name}): "
                             "export them dense")
    raise ModelFileError(f"{path} uses {kind}.{name}, which a classifier "
                         "does not need: export the model without it")


def _check_tensor(tensor: TensorProto, path: AnyPath) -> None:
    """Check type, shape and number of the weights, and that none is NaN."""
    if tensor.data_type not in NUMBERS:
        raise ModelFileError(f"{path} has weights {tensor.name!r:.80} of "
                             f"type {tensor.data_type}: only numbers are "
                             "allowed")
    if len(tensor.dims) > MAX_RANK or not all(
            0 <= size <= MAX_DIMENSION for size in tensor.dims):
        raise ModelFileError(
            f"{path} has weights {tensor.name!r:.80} of shape "
            f"{list(tensor.dims[:MAX_RANK + 1])}: at most {MAX_RANK} "
            f"dimensions of 0 to {MAX_DIMENSION} are allowed")
    # ValueError where the numbers do not fill the shape
    weights = numpy_helper.to_array(tensor)
    if weights.dtype.kind == "f":
        _check_numbers(weights, tensor.name, path)


def _check_numbers(values: ArrayLike, name: str, path: AnyPath) -> None:
    if np.isnan(np.asarray(values, np.float64)).any():
        raise ModelFileError(f"{path} has a NaN in {name!r:.80}: a model "
                             "that calculates with it decides nothing")
