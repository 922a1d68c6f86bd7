"""The same work by other software; None if it is not installed.

Every function returns one without arguments that does the work once. All of
them use one thread.
"""
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.thresholds.compile import StepTable
from ...core.model_definition import Baseline, ModelDefinition
from ...core.preprocessing.baseline import penalty_bands
from . import workload

if TYPE_CHECKING:
    import torch

#: does the work once
type Run = Callable[[], NDArray[np.generic]]


def torch_eager(model: ModelDefinition, y: NDArray[np.float32],
                chunk: int) -> Run | None:
    """Point-wise members as in the notebook, `chunk` spectra at a time.

    The function returns votes for class 1 per bin, (P, B).
    """
    if not find_spec("torch"):
        return None
    import torch

    torch.set_num_threads(1)
    member = _torch_member(model)
    spectra = torch.from_numpy(y)
    x = torch.from_numpy(model.axis.values.astype(np.float32))

    def run() -> NDArray[np.generic]:
        votes = []
        with torch.inference_mode():
            for first in range(0, len(spectra), chunk):
                part = spectra[first:first + chunk]
                votes.append(torch.stack([
                    member(b, x[start:stop], part[:, start:stop])
                    for b, (start, stop) in enumerate(model.bins)], 1))
        return torch.cat(votes).numpy()

    return run


def _arrays(model: ModelDefinition) -> tuple[NDArray[np.float32], ...]:
    networks = workload.networks(model)
    return networks.w1, networks.b1, networks.w2, networks.b2


def torch_compiled(model: ModelDefinition, y: NDArray[np.float32],
                   chunk: int) -> Run | None:
    """The same after torch.compile, for bins of equal length."""
    if not find_spec("torch"):
        return None
    import torch

    torch.set_num_threads(1)
    starts, stops = np.array(model.bins).T
    width = int((stops - starts).min())
    x = torch.from_numpy(np.stack([
        model.axis.values[a:a + width] for a in starts]).astype(np.float32))
    w1, b1, w2, b2 = (torch.from_numpy(part)
                      for part in _arrays(model))
    first = x[:, :, None] * w1[:, None, 0] + b1[:, None]
    slope = w1[:, None, 1]
    gain = w2[:, :, 1:2] - w2[:, :, 0:1]
    level = (b2[:, 1] - b2[:, 0])[:, None, None]
    spectra = torch.from_numpy(y[:, :width * len(model.bins)])

    @torch.compile(dynamic=False)
    def votes(part: "torch.Tensor") -> "torch.Tensor":
        hidden = torch.relu(part[..., None] * slope + first)
        return ((hidden @ gain + level)[..., 0] > 0).sum(-1)

    def run() -> NDArray[np.generic]:
        with torch.inference_mode():
            return torch.cat([
                votes(spectra[k:k + chunk].reshape(-1, len(model.bins),
                                                   width))
                for k in range(0, len(spectra) - chunk + 1, chunk)]).numpy()

    return run


def _torch_member(
        model: ModelDefinition,
        ) -> Callable[[int, "torch.Tensor", "torch.Tensor"], "torch.Tensor"]:
    import torch

    w1, b1, w2, b2 = (torch.from_numpy(part)
                      for part in _arrays(model))

    def member(b: int, x: "torch.Tensor", y: "torch.Tensor") -> "torch.Tensor":
        points = torch.stack([x.expand(len(y), -1), y], -1).reshape(-1, 2)
        logits = torch.relu(points @ w1[b] + b1[b]) @ w2[b] + b2[b]
        return (logits.argmax(1).reshape(y.shape) == 1).sum(1)

    return member


def onnx_members(model: ModelDefinition, y: NDArray[np.float32],
                 chunk: int) -> Run | None:
    """The networks in ONNX Runtime, per-bin subgraphs."""
    if not find_spec("onnx"):
        return None
    from onnx import TensorProto, helper, numpy_helper

    count = len(model.bins)
    nodes, tensors = [], []

    def node(kind: str, inputs: list[str], output: str,
             **attributes: int) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def tensor(name: str, array: NDArray[np.generic]) -> str:
        tensors.append(numpy_helper.from_array(
            np.ascontiguousarray(array), name))
        return name

    last = tensor("last", np.array([2], np.int64))
    networks = workload.networks(model)
    for b, (start, stop) in enumerate(model.bins):
        x = model.axis.values[start:stop, None].astype(np.float32)
        part = node("Slice", ["y", tensor(f"from{b}", np.array([start])),
                              tensor(f"to{b}", np.array([stop])),
                              tensor(f"axis{b}", np.array([1]))], f"y{b}")
        value = node("Unsqueeze", [part, last], f"u{b}")
        value = node("MatMul", [value, tensor(
            f"w{b}", networks.w1[b, 1][None])], f"h{b}")
        value = node("Add", [value, tensor(
            f"c{b}", x * networks.w1[b, 0] + networks.b1[b])], f"a{b}")
        value = node("Relu", [value], f"r{b}")
        value = node("MatMul", [value, tensor(f"v{b}", networks.w2[b])],
                     f"l{b}")
        value = node("Add", [value, tensor(f"d{b}", networks.b2[b])],
                     f"o{b}")
        value = node("ArgMax", [value], f"p{b}", axis=2, keepdims=0)
        node("ReduceSum", [value, tensor(f"one{b}", np.array([1]))],
             f"n{b}", keepdims=1)
    node("Concat", [f"n{b}" for b in range(count)], "votes", axis=1)
    session = _session(nodes, tensors, y.shape[1], count,
                       TensorProto.INT64)
    return lambda: _run(session, y, chunk)


def onnx_thresholds(table: StepTable, y: NDArray[np.float32],
                    chunk: int) -> Run | None:
    """The compiled thresholds of class 1 as an ONNX graph.

    `table`: of two classes, on bins that do not overlap.
    """
    if not find_spec("onnx"):
        return None
    from onnx import TensorProto, helper, numpy_helper

    steps, choice = _ladder(table, y.shape[1])
    tensors = [numpy_helper.from_array(choice, "choice")]
    nodes = []
    value = ""
    for k, step in enumerate(steps):
        tensors.append(numpy_helper.from_array(step[None], f"t{k}"))
        nodes.append(helper.make_node("GreaterOrEqual", ["y", f"t{k}"],
                                      [f"g{k}"]))
        if k:
            nodes.append(helper.make_node("Xor", [value, f"g{k}"],
                                          [f"x{k}"]))
        value = f"x{k}" if k else "g0"
    nodes.append(helper.make_node("Cast", [value], ["f"],
                                  to=TensorProto.FLOAT))
    nodes.append(helper.make_node("MatMul", ["f", "choice"], ["votes"]))
    session = _session(nodes, tensors, y.shape[1], len(table.bins),
                       TensorProto.FLOAT)
    return lambda: _run(session, y, chunk)


def _ladder(table: StepTable,
            channels: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Alternate steps (K, n) into and out of class 1; bin of a channel (n, B).
    """
    choice = np.zeros((channels, len(table.bins)), np.float32)
    levels: list[list[float]] = [[] for _ in range(channels)]
    for b, (start, stop) in enumerate(table.bins):
        choice[start:stop, b] = 1
        for i in np.flatnonzero(table.lowest[b] == 1):
            levels[start + i].append(-np.inf)
        for i, value in zip(*table.toggles(b, 1)[:2], strict=True):
            levels[start + i].append(value)
    steps = np.full((max(map(len, levels)), channels), np.inf, np.float32)
    for channel, values in enumerate(levels):
        steps[:len(values), channel] = values
    return steps, choice


def _session(nodes: list[Any], tensors: list[Any], channels: int, columns: int,
             kind: int) -> Any:
    import onnxruntime
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        nodes, "members",
        [helper.make_tensor_value_info("y", TensorProto.FLOAT,
                                       ["n", channels])],
        [helper.make_tensor_value_info("votes", kind, ["n", columns])],
        tensors)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options,
        providers=["CPUExecutionProvider"])


def _run(session: Any, y: NDArray[np.float32],
         chunk: int) -> NDArray[np.generic]:
    return np.concatenate([
        session.run(["votes"], {"y": y[k:k + chunk]})[0]
        for k in range(0, len(y), chunk)])


def pybaselines_asls(y: NDArray[np.float64],
                     baseline: Baseline) -> dict[int, Run]:
    """asls of pybaselines with each banded solver: {solver: function}."""
    if not find_spec("pybaselines"):
        return {}
    from pybaselines import Baseline as Fitter

    def make(solver: int) -> Run:
        fitter = Fitter(np.arange(y.shape[1]))
        fitter.banded_solver = solver

        def run() -> NDArray[np.generic]:
            return np.stack([fitter.asls(
                row, lam=baseline.lam, p=baseline.p, tol=0,
                max_iter=baseline.iterations - 1)[0] for row in y])
        return run

    return {solver: make(solver) for solver in (1, 2, 4)}


def scipy_banded(y: NDArray[np.float64], baseline: Baseline) -> Run | None:
    """The published iteration with scipy's banded Cholesky solver."""
    if not find_spec("scipy"):
        return None
    from scipy.linalg import solveh_banded

    bands = penalty_bands(y.shape[1], baseline.lam)

    def one(row: NDArray[np.float64]) -> NDArray[np.float64]:
        weight = np.ones(len(row))
        for _ in range(baseline.iterations):
            system = bands.copy()
            system[0] += weight
            z = solveh_banded(system, weight * row, lower=True,
                              check_finite=False)
            weight = np.where(row > z, baseline.p, 1 - baseline.p)
        return z

    return lambda: np.stack([one(row) for row in y])
