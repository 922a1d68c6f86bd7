"""An engine for a verified model; the only place that runs ONNX."""
import threading
from contextlib import contextmanager

import numpy as np
import onnxruntime

from ..core.engine.reference_engine import NumpyEngine
from ..core.engine.reference_members import softmax
from ..errors import ConfigurationError, ModelFileError
from . import bounds

ENGINES = ("fused", "numpy", "onnxruntime")
#: values of the largest intermediate array of one run, some 60 MB
_RUN_VALUES = 15_000_000
#: s that a foreign graph has for its golden input
GOLDEN_SECONDS = 10.


def make_engine(loaded, kind="fused", threads=1):
    """An `Engine` of a `LoadedModel`: "fused", "numpy" or "onnxruntime".

    All kinds give the same labels. A foreign model runs in ONNX Runtime
    whatever `kind` says. `threads`: pulses are shared over that many
    threads by the fused engine; the others use one.
    """
    if kind not in ENGINES:
        raise ConfigurationError(f"engine {kind!r}: use one of "
                                 f"{', '.join(ENGINES)}")
    definition = loaded.definition
    if definition.members.kind == "foreign":
        kind = "onnxruntime"
    if kind == "numpy":
        return NumpyEngine(definition)
    if kind == "onnxruntime":
        return onnxruntime_engine(definition, loaded.graph, loaded.manifest)
    from ..core.engine.fused_engine import FusedEngine
    return FusedEngine(definition, threads)


def onnxruntime_engine(definition, graph, manifest, seconds=None):
    """A `NumpyEngine` whose members are evaluated by ONNX Runtime.

    `seconds`: after which a foreign graph is stopped, while it is still a
    stranger; None for one that has shown how long it takes.
    """
    session = _session(graph, manifest["id"])
    source = _input_name(session, definition, manifest["id"])
    if definition.members.kind == "foreign":
        votes = _foreign_votes(session, source, definition, manifest,
                               seconds)
    else:
        votes = _own_votes(session, source, definition)
    return NumpyEngine(definition, votes, name="onnxruntime")


def _session(graph, model_id):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3      # errors; they are raised as well
    try:
        return onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:      # ONNX Runtime has no common base class
        raise ModelFileError(f"ONNX Runtime refuses {model_id}: "
                             f"{_first_line(error)}") from None


def _input_name(session, definition, model_id):
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


def _own_votes(session, source, definition):
    hidden = (definition.members.b1.shape[1]
              if definition.members.kind == "pointwise" else 1)
    widest = max(stop - start for start, stop in definition.bins)
    step = max(_RUN_VALUES // (widest * hidden), 1)
    shape = len(definition.bins), len(definition.classes)

    def votes(spectra):
        result = np.empty((len(spectra), *shape), np.float32)
        for first in range(0, len(spectra), step):
            block = slice(first, first + step)
            result[block], = session.run(["votes"], {source: spectra[block]})
        return result

    return votes


def _foreign_votes(session, source, definition, manifest, seconds):
    classes = len(definition.classes)
    target = next((output.name for output in session.get_outputs()
                   if _is_table(output, classes)), None)
    if target is None:
        raise ModelFileError(
            f"{manifest['id']} has no float32 output [n, {classes}]: one "
            "column per class is expected")
    logits = manifest["members"]["output"] == "logits"

    def votes(spectra):
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
                else output)[:, None, :]

    return votes


@contextmanager
def _time_limit(seconds):
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


def _is_table(output, columns):
    """Whether an output can be float32 [n, columns]."""
    shape = output.shape or []
    return (output.type == "tensor(float)" and len(shape) == 2
            and (shape[1] == columns or not isinstance(shape[1], int)))


def _first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
