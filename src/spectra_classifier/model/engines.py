"""An engine for a verified model; the only place that runs ONNX."""
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

# ONNX Runtime reports its use over the network, from a thread and a database
# of its own in ~/.cache, unless this is set before the import
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

from ..core.engine.engine import Engine
from ..core.engine.labels import softmax
from ..core.engine.reference_engine import MemberVotes, NumpyEngine
from ..core.model_definition import (
    ForeignMembers,
    ModelDefinition,
    PointwiseMembers,
)
from ..errors import ConfigurationError, ModelFileError
from . import bounds, graph_views
from .strict_json import JsonObject

if TYPE_CHECKING:
    from .store import LoadedModel

ENGINES = ("fused", "numpy", "onnxruntime")
#: values of the largest intermediate array of one run, some 60 MB
_RUN_VALUES = 15_000_000
#: s that a foreign graph has for its golden input
GOLDEN_SECONDS = 10.


def make_engine(loaded: "LoadedModel", kind: str = "fused",
                threads: int = 1) -> Engine:
    """Make an engine for a verified model.

    All kinds give the same labels. A foreign model always runs in ONNX
    Runtime.

    Parameters
    ----------
    loaded
        The model, from `store.load`.
    kind
        "fused", "numpy" or "onnxruntime".
    threads
        Number of threads that share the pulses of a train, in the fused
        engine; the others use one.

    Raises
    ------
    ConfigurationError
        If there is no engine of that kind.
    """
    definition = loaded.definition
    kind = engine_kind(definition, kind)
    if kind == "numpy":
        return NumpyEngine(definition)
    if kind == "onnxruntime":
        return onnxruntime_engine(definition, loaded.graph, loaded.manifest)
    from ..core.engine.fused_engine import FusedEngine
    return FusedEngine(definition, threads)


def engine_kind(definition: ModelDefinition, kind: str) -> str:
    """The engine that runs a model where `kind` is asked for.

    Raises
    ------
    ConfigurationError
        If there is no engine of that kind.
    """
    if kind not in ENGINES:
        raise ConfigurationError(f"engine {kind!r}: use one of "
                                 f"{', '.join(ENGINES)}")
    return ("onnxruntime" if isinstance(definition.members, ForeignMembers)
            else kind)


def onnxruntime_engine(definition: ModelDefinition, graph: bytes,
                       manifest: JsonObject,
                       seconds: float | None = None) -> NumpyEngine:
    """Make an engine whose members are evaluated by ONNX Runtime.

    Parameters
    ----------
    definition
        The model; its members need not be set.
    graph
        The ONNX file.
    manifest
        At least "id" and "members".
    seconds
        Time after which a foreign graph is stopped, while it is not
        verified yet; None for a verified one.

    Raises
    ------
    ModelFileError
        If ONNX Runtime rejects the graph, or its inputs or outputs are not
        those of a classifier.
    """
    session = _session(graph, manifest["id"])
    source = _input_name(session, definition, manifest["id"])
    if isinstance(definition.members, ForeignMembers):
        votes = _foreign_votes(session, source, definition, manifest,
                               seconds)
    else:
        votes = _own_votes(session, source, definition)
    return NumpyEngine(definition, votes, name="onnxruntime")


def _session(graph: bytes, model_id: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3      # errors; they are raised as well
    try:
        return onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:      # ONNX Runtime has no common base class
        raise ModelFileError(f"ONNX Runtime refuses {model_id}: "
                             f"{_first_line(error)}") from None


def _input_name(session: onnxruntime.InferenceSession,
                definition: ModelDefinition, model_id: str) -> str:
    inputs = session.get_inputs()
    shape = inputs[0].shape if len(inputs) == 1 else None
    channels = len(definition.axis)
    if (shape is None or len(shape) != 2 or isinstance(shape[0], int)
            or (isinstance(shape[1], int) and shape[1] != channels)
            or inputs[0].type != "tensor(float)"):
        described = ", ".join(f"{i.name} {i.type} {i.shape}" for i in inputs)
        raise ModelFileError(
            f"{model_id} takes {described}: expected one float32 input "
            f"[n, {channels}] with any n")
    return inputs[0].name


def _own_votes(session: onnxruntime.InferenceSession, source: str,
               definition: ModelDefinition) -> MemberVotes:
    members = definition.members
    hidden = (members.b1.shape[1]
              if isinstance(members, PointwiseMembers) else 1)
    widest = max(stop - start for start, stop in definition.bins)
    step = max(_RUN_VALUES // (widest * hidden), 1)
    shape = len(definition.bins), len(definition.classes)

    outputs = ["votes"]
    if definition.texture is not None:
        outputs.append(graph_views.DISTANCE)

    def votes(spectra: NDArray[np.float32],
              ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        result = np.empty((len(spectra), *shape), np.float32)
        distance = np.full(len(spectra), np.nan, np.float32)
        for first in range(0, len(spectra), step):
            block = slice(first, first + step)
            result[block], *far = session.run(outputs,
                                              {source: spectra[block]})
            if far:
                distance[block], = far
        return result, distance

    return votes


def _foreign_votes(session: onnxruntime.InferenceSession, source: str,
                   definition: ModelDefinition, manifest: JsonObject,
                   seconds: float | None) -> MemberVotes:
    classes = len(definition.classes)
    target = next((output.name for output in session.get_outputs()
                   if _is_table(output, classes)), None)
    if target is None:
        raise ModelFileError(
            f"{manifest['id']} has no float32 output [n, {classes}]: one "
            "column per class is expected")
    logits = manifest["members"]["output"] == "logits"

    def votes(spectra: NDArray[np.float32],
              ) -> tuple[NDArray[np.float32], None]:
        # as many at once as its memory was bounded for
        output = np.empty((len(spectra), classes), np.float32)
        for first in range(0, len(spectra), bounds.BATCH):
            block = slice(first, first + bounds.BATCH)
            with _time_limit(seconds) as limit:
                found, = session.run([target], {source: spectra[block]},
                                     limit)
            if found.shape != output[block].shape:
                raise ModelFileError(
                    f"{manifest['id']} gives scores of shape {found.shape} "
                    f"for {len(output[block])} spectra of {classes} classes")
            output[block] = found
        return (softmax(output).astype(np.float32) if logits
                else output)[:, None, :], None

    return votes


@contextmanager
def _time_limit(seconds: float | None
               ) -> Iterator[onnxruntime.RunOptions | None]:
    """`RunOptions` that stop a run between two operators; None without."""
    if seconds is None:
        yield None
        return
    options = onnxruntime.RunOptions()
    timer = threading.Timer(
        seconds, lambda: setattr(options, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        yield options
    except Exception:
        if options.terminate:
            raise ModelFileError(
                f"the model takes more than {seconds:g} s for its golden "
                "input: it is too slow for live spectra") from None
        raise
    finally:
        timer.cancel()


def _is_table(output: onnxruntime.NodeArg, columns: int) -> bool:
    """Whether an output can be float32 [n, columns]."""
    shape = output.shape or []
    return (output.type == "tensor(float)" and len(shape) == 2
            and (shape[1] == columns or not isinstance(shape[1], int)))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
