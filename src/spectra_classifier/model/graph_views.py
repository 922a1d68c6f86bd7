"""The part of the ONNX graph that computes views of a spectrum."""
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.engine.texture_distance import Texture
from ..core.model_definition import ModelDefinition, ViewMembers
from ..core.preprocessing.texture import LAGS
from ..core.preprocessing.views import View, kernel
from .graph_builder import Branch, GraphBuilder

#: output of the graph, where a texture is compared
DISTANCE = "distance"
_TINY = 1e-30


def branch(graph: GraphBuilder, definition: ModelDefinition,
           members: ViewMembers) -> Branch:
    """Adds the views of a definition; returns what adds one member."""
    channels = len(definition.axis)
    seen = [_view(graph, f"view{number:02d}", view, channels)
            for number, view in enumerate(members.views)]
    if members.texture is not None:
        _distance(graph, seen[members.texture.view], members.texture)

    def member(graph: GraphBuilder, name: str, b: int) -> str:
        view = members.views[members.view_of[b]]
        part = seen[members.view_of[b]]
        if view.linear:
            start, stop = definition.bins[b]
            part = graph.node("Slice", [
                part, graph.integers(f"{name}.start", start),
                graph.integers(f"{name}.stop", stop),
                graph.integers(f"{name}.axis", 1)], f"{name}.spectra")
        logits = graph.node("Gemm", [
            part, graph.constant(f"{name}.coef", members.coef[b],
                                 np.float32),
            graph.constant(f"{name}.intercept", members.intercept[b],
                           np.float32)], f"{name}.logits", transB=1)
        return graph.node("Softmax", [logits], f"{name}.probability", axis=1)

    return member


def read(values: Mapping[str, NDArray[np.float32]], entry: Mapping[str, Any],
         bins: int) -> ViewMembers:
    """Read `ViewMembers` from the initialisers of a graph.

    Parameters
    ----------
    values
        {name: array} of the initialisers.
    entry
        The field "members" of the manifest.
    bins
        Number of bins.
    """
    texture = None
    if "texture" in entry:
        intercept = values["texture.intercept"]
        count, size = intercept.shape
        texture = Texture(entry["texture"], values["texture.coef"].reshape(
            count, size, size), intercept)
    return ViewMembers(
        tuple(View(**view) for view in entry["views"]),
        tuple(entry["view_of"]),
        tuple(values[f"bin{b:03d}.coef"] for b in range(bins)),
        np.stack([values[f"bin{b:03d}.intercept"] for b in range(bins)]),
        texture)


def _distance(graph: GraphBuilder, features: str, texture: Texture) -> None:
    """Of a texture from the nearest class, [n]: see `Texture`."""
    count, size = texture.intercept.shape
    product = graph.node("Gemm", [features, graph.constant(
        "texture.coef", texture.coef.reshape(count * size, size),
        np.float32)], "texture.product", transB=1)
    by_class = graph.node("Reshape", [product, graph.integers(
        "texture.shape", -1, count, size)], "texture.by_class")
    steps = graph.node("Add", [by_class, graph.constant(
        "texture.intercept", texture.intercept, np.float32)],
        "texture.steps")
    length = graph.node("ReduceL2", [steps], "texture.length", axes=[2],
                        keepdims=0)
    graph.node("ReduceMin", [length], DISTANCE, axes=[1], keepdims=0)


def _view(graph: GraphBuilder, name: str, view: View, channels: int) -> str:
    if not view.linear:
        return _texture(graph, name, view.parts, channels)
    inner = "spectra"
    if view.derivative:
        inner = _derivative(graph, name, view)
    if view.normalise:
        inner = _standard(graph, name, inner)
    if not view.half:
        return inner
    return graph.node("Pad", [inner, graph.integers(
        f"{name}.ends", 0, view.half, 0, view.half)], f"{name}.padded")


def _derivative(graph: GraphBuilder, name: str, view: View) -> str:
    """Correlation with the window, where it fits: [n, channels - 2 half]."""
    image = graph.node("Unsqueeze", [
        "spectra", graph.integers(f"{name}.image_axis", 1)], f"{name}.image")
    weights = graph.constant(f"{name}.kernel", kernel(view)[None, None],
                             np.float32)
    slope = graph.node("Conv", [image, weights], f"{name}.convolved")
    return graph.node("Squeeze", [
        slope, graph.integers(f"{name}.flat_axis", 1)], f"{name}.slope")


def _standard(graph: GraphBuilder, name: str, values: str,
              axis: int = 1) -> str:
    """Minus the mean, divided by the population standard deviation."""
    rest, variance = _moments(graph, name, values, axis)
    width = graph.node("Sqrt", [graph.node("Max", [
        variance, graph.constant(f"{name}.tiny", _TINY, np.float32)],
        f"{name}.bounded")], f"{name}.width")
    return graph.node("Div", [rest, width], f"{name}.normalised")


def _moments(graph: GraphBuilder, name: str, values: str,
             axis: int) -> tuple[str, str]:
    mean = graph.node("ReduceMean", [values], f"{name}.mean", axes=[axis],
                      keepdims=1)
    rest = graph.node("Sub", [values, mean], f"{name}.rest")
    square = graph.node("Mul", [rest, rest], f"{name}.square")
    return rest, graph.node("ReduceMean", [square], f"{name}.variance",
                            axes=[axis], keepdims=1)


def _texture(graph: GraphBuilder, name: str, parts: int, channels: int) -> str:
    """See `core.texture`: [n, parts * features]."""
    width = channels // parts
    cut = graph.node("Slice", [
        "spectra", graph.integers(f"{name}.first", 0),
        graph.integers(f"{name}.end", parts * width),
        graph.integers(f"{name}.slice_axis", 1)], f"{name}.cut")
    part = graph.node("Reshape", [
        cut, graph.integers(f"{name}.shape", -1, parts, width)],
        f"{name}.parts")
    whole = graph.node("Max", [graph.node("Abs", [graph.node(
        "ReduceMean", ["spectra"], f"{name}.whole", axes=[1], keepdims=1)],
        f"{name}.size"), graph.constant(f"{name}.floor", 1e-12, np.float32)],
        f"{name}.energy")
    energy = graph.node("Unsqueeze", [
        whole, graph.integers(f"{name}.energy_axis", 2)],
        f"{name}.energy_of_part")
    level = graph.node("ReduceMean", [part], f"{name}.level", axes=[2],
                       keepdims=1)
    rest, variance = _moments(graph, f"{name}.part", part, 2)
    spread = graph.node("Sqrt", [variance], f"{name}.spread")
    columns = [_log_ratio(graph, f"{name}.log_level", level, energy),
               _log_ratio(graph, f"{name}.log_spread", spread, energy)]
    bounded = graph.node("Max", [variance, graph.constant(
        f"{name}.tiny", _TINY, np.float32)], f"{name}.bounded")
    for lag in LAGS:
        columns.append(_correlation(graph, f"{name}.lag{lag}", rest, bounded,
                                    lag, width))
    table = graph.node("Concat", columns, f"{name}.table", axis=2)
    return graph.node("Flatten", [table], f"{name}.features", axis=1)


def _log_ratio(graph: GraphBuilder, name: str, values: str,
               energy: str) -> str:
    share = graph.node("Div", [values, energy], f"{name}.share")
    return graph.node("Log", [graph.node("Max", [share, graph.constant(
        f"{name}.least", 1e-6, np.float32)], f"{name}.bounded")], name)


def _correlation(graph: GraphBuilder, name: str, rest: str, variance: str,
                 lag: int, width: int) -> str:
    def shifted(label: str, start: int, stop: int) -> str:
        return graph.node("Slice", [
            rest, graph.integers(f"{name}.{label}_start", start),
            graph.integers(f"{name}.{label}_stop", stop),
            graph.integers(f"{name}.{label}_axis", 2)], f"{name}.{label}")

    product = graph.node("Mul", [
        shifted("late", lag, width), shifted("early", 0, width - lag)],
        f"{name}.product")
    mean = graph.node("ReduceMean", [product], f"{name}.mean", axes=[2],
                      keepdims=1)
    return graph.node("Div", [mean, variance], name)
