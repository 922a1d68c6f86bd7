"""The ONNX graph of an ensemble: plain operators, one branch per bin.

Input "spectra" [n, channels] float32, preprocessed; outputs "votes"
[n, bins, classes] and "scores" [n, classes], the weighted vote of the
model's own bins (all zero where no bin has any weight).
"""
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from ..core.model_definition import (
    LinearMembers,
    MlpMembers,
    ModelDefinition,
    PointwiseMembers,
    ViewMembers,
)
from . import graph_views
from .graph_builder import Branch, GraphBuilder

#: members that this package evaluates itself
type OwnMembers = PointwiseMembers | LinearMembers | MlpMembers | ViewMembers

OPSET = 17
IR_VERSION = 8
PRODUCER = "spectra_classifier"


def build(definition: ModelDefinition) -> ModelProto:
    """Build the ONNX graph of the members and the vote of a definition.

    And of the distance of the texture, where the definition has one.
    """
    graph = GraphBuilder()
    branch = (graph_views.branch(graph, definition, definition.members)
              if isinstance(definition.members, ViewMembers)
              else _on_slices(definition))
    votes = []
    for b in range(len(definition.bins)):
        name = f"bin{b:03d}"
        cast = branch(graph, name, b)
        votes.append(graph.node("Unsqueeze", [
            cast, graph.integers(f"{name}.bin_axis", 1)], f"{name}.votes"))
    graph.node("Concat", votes, "votes", axis=1)
    weighted = graph.node("Mul", ["votes", graph.constant(
        "shares", shares(definition)[:, None], np.float32)], "weighted")
    graph.node("ReduceSum", [weighted, graph.integers("scores.axis", 1)],
               "scores", keepdims=0)
    return _model(graph, definition)


def _on_slices(definition: ModelDefinition) -> Branch:
    """A function that adds members on a slice of the spectrum itself."""
    def branch(graph: GraphBuilder, name: str, b: int) -> str:
        start, stop = definition.bins[b]
        part = graph.node("Slice", [
            "spectra", graph.integers(f"{name}.start", start),
            graph.integers(f"{name}.stop", stop),
            graph.integers(f"{name}.axis", 1)], f"{name}.spectra")
        return _member(graph, name, part, definition, b)

    return branch


def _member(graph: GraphBuilder, name: str, part: str,
            definition: ModelDefinition, b: int) -> str:
    members = definition.members
    if isinstance(members, PointwiseMembers):
        x = definition.axis.values[slice(*definition.bins[b])]
        return _pointwise(graph, name, part, members, x, b)
    if isinstance(members, LinearMembers):
        return _linear(graph, name, part, members, b)
    if isinstance(members, MlpMembers):
        return _mlp(graph, name, part, members, b)
    raise TypeError(f"{type(members).__name__} have no graph on slices")


def shares(definition: ModelDefinition) -> NDArray[np.float64]:
    """What one vote of each bin adds to a score, (B,)."""
    mass = definition.members.mass(definition.bins)
    cast = float(definition.weights @ mass)
    return definition.weights / cast if cast > 0 else np.zeros(len(mass))


def _model(graph: GraphBuilder, definition: ModelDefinition) -> ModelProto:
    channels, classes = len(definition.axis), len(definition.classes)
    value = helper.make_tensor_value_info
    outputs = [value("scores", TensorProto.FLOAT, ["n", classes]),
               value("votes", TensorProto.FLOAT,
                     ["n", len(definition.bins), classes])]
    if definition.texture is not None:
        outputs.append(value(graph_views.DISTANCE, TensorProto.FLOAT, ["n"]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes, "ensemble",
            [value("spectra", TensorProto.FLOAT, ["n", channels])],
            outputs, graph.initialisers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION, producer_name=PRODUCER)
    return model


def _pointwise(graph: GraphBuilder, name: str, part: str,
               members: PointwiseMembers, x: NDArray[np.float64],
               b: int) -> str:
    """Counts, per class, the points of the bin that go to it."""
    w1, b1, w2, b2 = (np.asarray(a[b]) for a in (
        members.w1, members.b1, members.w2, members.b2))
    at_x = _hidden_at_x(graph, name, x, w1[0], b1)
    points = graph.node("Unsqueeze", [
        part, graph.integers(f"{name}.hidden_axis", 2)], f"{name}.points")
    of_y = graph.node("Mul", [points, graph.constant(
        f"{name}.w1_y", w1[1], np.float32)], f"{name}.of_y")
    hidden = graph.node("Relu", [graph.node(
        "Add", [of_y, at_x], f"{name}.sum")], f"{name}.hidden")
    product = graph.node("MatMul", [hidden, graph.constant(
        f"{name}.w2", w2, np.float32)], f"{name}.product")
    logits = graph.node("Add", [product, graph.constant(
        f"{name}.b2", b2, np.float32)], f"{name}.logits")
    winner = graph.node("ArgMax", [logits], f"{name}.winner", axis=2,
                        keepdims=0, select_last_index=0)
    won = graph.node("OneHot", [
        winner, graph.integers(f"{name}.classes", len(b2)),
        graph.constant(f"{name}.off_on", [0, 1], np.float32)], f"{name}.won")
    return graph.node("ReduceSum", [
        won, graph.integers(f"{name}.point_axis", 1)], f"{name}.count",
        keepdims=0)


def _hidden_at_x(graph: GraphBuilder, name: str, x: NDArray[np.float64],
                 w1_x: NDArray[np.float32], b1: NDArray[np.float32]) -> str:
    """The share of x in the hidden layer, (points, H).

    Constant, so a runtime folds it once; in float64, because x may be large
    compared with its range (energies in eV) and would cancel in float32.
    """
    def wide(name: str, array: NDArray[np.float32]) -> str:
        return graph.node("Cast", [graph.constant(name, array, np.float32)],
                          f"{name}64", to=TensorProto.DOUBLE)

    slope = graph.node("Mul", [
        graph.constant(f"{name}.x", x[:, None], np.float64),
        wide(f"{name}.w1_x", w1_x)], f"{name}.slope")
    total = graph.node("Add", [slope, wide(f"{name}.b1", b1)],
                       f"{name}.at_x64")
    return graph.node("Cast", [total], f"{name}.at_x", to=TensorProto.FLOAT)


def _linear(graph: GraphBuilder, name: str, part: str, members: LinearMembers,
            b: int) -> str:
    logits = graph.node("Gemm", [
        part, graph.constant(f"{name}.coef", members.coef[b], np.float32),
        graph.constant(f"{name}.intercept", members.intercept[b],
                       np.float32)], f"{name}.logits", transB=1)
    return graph.node("Softmax", [logits], f"{name}.probability", axis=1)


def _mlp(graph: GraphBuilder, name: str, part: str, members: MlpMembers,
         b: int) -> str:
    layers = [graph.constant(f"{name}.{key}", getattr(members, key)[b],
                             np.float32) for key in ("w1", "b1", "w2", "b2")]
    hidden = graph.node("Relu", [graph.node(
        "Gemm", [part, *layers[:2]], f"{name}.sum")], f"{name}.hidden")
    logits = graph.node("Gemm", [hidden, *layers[2:]], f"{name}.logits")
    return graph.node("Softmax", [logits], f"{name}.probability", axis=1)


def read_members(model: ModelProto, entry: Mapping[str, Any], bins: int
                 ) -> OwnMembers:
    """Read the members of a graph that `build` made, from its initialisers.

    Parameters
    ----------
    model
        The graph.
    entry
        The field "members" of the manifest.
    bins
        Number of bins.

    Raises
    ------
    KeyError, ValueError, IndexError, TypeError
        If the graph was not made by `build` for such members.
    """
    kind = entry["kind"]
    values = {tensor.name: numpy_helper.to_array(tensor)
              for tensor in model.graph.initializer}
    for name, value in values.items():
        if not np.isfinite(value).all():
            raise ValueError(f"the weights {name} are not finite")

    def each(key: str) -> list[NDArray[np.float32]]:
        return [values[f"bin{b:03d}.{key}"] for b in range(bins)]

    if kind == "pointwise":
        w1 = [np.stack(pair) for pair in zip(each("w1_x"), each("w1_y"),
                                             strict=True)]
        return PointwiseMembers(*map(np.stack, (
            w1, each("b1"), each("w2"), each("b2"))))
    if kind == "views":
        return graph_views.read(values, entry, bins)
    if kind == "linear":
        return LinearMembers(tuple(each("coef")),
                             np.stack(each("intercept")))
    return MlpMembers(*(tuple(each(key)) for key in (
        "w1", "b1", "w2", "b2")))
