"""How much memory a foreign graph takes, found before it runs."""
import math
from collections.abc import Mapping

import onnx
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
)

from ..errors import ModelFileError
from .operators import SAME_SHAPE
from .plain import AnyPath

#: spectra that a foreign graph gets at once: its memory is bounded for these
BATCH = 64
#: values of the largest array that a graph may make of `BATCH` spectra
MAX_VALUES = 2 ** 26
#: weights of all operators: ONNX Runtime packs a copy for each of them
MAX_USED = 2 ** 27
_CLASSES = "classlabels_ints", "classlabels_int64s", "classlabels_strings"


def check(model: ModelProto, path: AnyPath) -> None:
    """Check that the size of every array of a graph is known and bounded.

    Parameters
    ----------
    model
        Graph with inputs [n, channels]; the sizes are those for n = `BATCH`.
    path
        Its file, for messages.

    Raises
    ------
    ModelFileError
        If a size is not known before the graph runs, or beyond the limits.
    """
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    del fixed.metadata_props[:], fixed.graph.value_info[:]
    for value in (*fixed.graph.input, *fixed.graph.output):
        shape = value.type.tensor_type.shape
        for place, size in enumerate(shape.dim):
            if not size.HasField("dim_value") and not place:
                size.dim_value = BATCH
    shapes = _shapes(fixed, path)
    weights = {tensor.name: math.prod(tensor.dims)
               for tensor in fixed.graph.initializer}
    used = sum(weights.get(name, 0)
               for node in fixed.graph.node for name in node.input)
    if used > MAX_USED:
        raise ModelFileError(
            f"{path}: its operators use {used} weights, more than the limit "
            f"of {MAX_USED}; one that is used twice counts twice")
    for node in fixed.graph.node:
        for name in filter(None, node.output):
            size = shapes.get(name)
            if size is None:
                raise ModelFileError(
                    f"{path}: the size of {name!r:.80} ({node.op_type}) is "
                    "not known before it runs: export the model with fixed "
                    "shapes")
            if not size <= MAX_VALUES:
                raise ModelFileError(
                    f"{path}: {name!r:.80} ({node.op_type}) has {size} values "
                    f"for {BATCH} spectra, more than the limit of "
                    f"{MAX_VALUES}")


def _shapes(model: ModelProto, path: AnyPath) -> dict[str, int]:
    """{name: number of values} of all arrays whose shape can be inferred."""
    while True:
        try:
            inferred = onnx.shape_inference.infer_shapes(model,
                                                         data_prop=True)
        except Exception as error:      # raised by its C++ without a class
            reason = (str(error).strip().splitlines() or ["no reason"])[0]
            raise ModelFileError(f"{path} is not valid ONNX: {reason:.300}"
                                 ) from None
        graph = inferred.graph
        sizes = {tensor.name: tuple(tensor.dims)
                 for tensor in graph.initializer}
        sizes |= {value.name: shape for value in (
            *graph.value_info, *graph.input, *graph.output)
            if (shape := _known(value)) is not None}
        missing = _of_machine_learning(model.graph, sizes)
        if not missing:
            return {name: math.prod(shape) for name, shape in sizes.items()}
        model.graph.value_info.extend(missing)


def _known(value: ValueInfoProto) -> tuple[int, ...] | None:
    """The shape of a `ValueInfoProto`, None where a part is not known."""
    tensor = value.type.tensor_type
    if not tensor.HasField("shape") or not all(
            size.HasField("dim_value") for size in tensor.shape.dim):
        return None
    return tuple(size.dim_value for size in tensor.shape.dim)


def _of_machine_learning(graph: GraphProto,
                         sizes: Mapping[str, tuple[int, ...]]
                        ) -> list[ValueInfoProto]:
    """Outputs of ai.onnx.ml whose shapes inference leaves out."""
    found = []
    stated = {value.name for value in graph.value_info}
    for node in graph.node:
        source = sizes.get(node.input[0]) if node.input else None
        if node.domain != "ai.onnx.ml" or not source:
            continue
        for name, shape in zip(node.output, _outputs(node, source),
                               strict=False):
            if name and name not in sizes and name not in stated:
                found.append(helper.make_tensor_value_info(
                    name, TensorProto.FLOAT if shape != source[:1]
                    else TensorProto.INT64, shape))
    return found


def _outputs(node: NodeProto,
             source: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    numbers = {attribute.name: attribute for attribute in node.attribute}
    if node.op_type in SAME_SHAPE:
        return (source,)
    if node.op_type in ("LinearRegressor", "SVMRegressor"):
        targets = numbers["targets"].i if "targets" in numbers else 1
        return ((source[0], targets),)
    if node.op_type in ("LinearClassifier", "SVMClassifier"):
        classes = max((len(numbers[key].ints) or len(numbers[key].strings)
                       for key in _CLASSES if key in numbers), default=1)
        return source[:1], (source[0], classes)
    return ()
