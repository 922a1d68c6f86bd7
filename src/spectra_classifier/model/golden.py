"""The golden input: a check at every load that the numbers are reproduced."""
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.cooperative import yield_to_trains
from ..core.engine.engine import Engine
from ..core.engine.reference_engine import NumpyEngine
from ..core.model_definition import Settings
from ..core.spectra import make_train
from ..errors import InputError, ModelFileError
from . import arrays
from .strict_json import JsonObject

#: largest difference of a score: a point or two of one bin may flip by
#: float32 rounding on another processor
TOLERANCE = 0.02
#: numbers that a check may classify, 256 MB
MAX_VALUES = 2 ** 26


def answer(engine: Engine,
           spectra: ArrayLike) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Classify the golden input.

    Parameters
    ----------
    engine
        A model of means gets as many copies of each spectrum as it averages.
    spectra
        Raw spectra (k, channels), taken as float32.

    Returns
    -------
    labels : (k,)
    scores : (k, C)
    """
    copies = engine.definition.averaging
    result = engine.classify(make_train(0, np.repeat(
        np.asarray(spectra, np.float32), copies, axis=0)), Settings())
    return result.label[::copies], result.scores[::copies]


def check(engine: Engine, manifest: JsonObject,
          properties: Mapping[str, str]) -> None:
    """Check that an engine gives the expected output for the golden input.

    The ensembles of this package are also evaluated in float64 with numpy,
    so that graph and definition cannot disagree.

    Raises
    ------
    ModelFileError
        If a label differs, a score differs by more than `TOLERANCE`, or the
        golden input does not fit the model.
    """
    entry = manifest["golden"]
    spectra = arrays.decode(entry["input"], properties)
    labels = np.array(entry["labels"])
    scores = np.array(entry["scores"], ndmin=2)
    expected = len(spectra), len(manifest["classes"])
    if scores.shape != expected or labels.shape != expected[:1]:
        raise ModelFileError(
            f"{manifest['id']}: golden output of shape {scores.shape}, "
            f"expected {expected}")
    if spectra.size * engine.definition.averaging > MAX_VALUES:
        raise ModelFileError(
            f"{manifest['id']}: a golden input of {spectra.size} values, "
            f"{engine.definition.averaging} times each, is more than the "
            f"limit of {MAX_VALUES}: keep fewer spectra")
    engines = [engine]
    if manifest["members"]["kind"] != "foreign":
        engines.append(NumpyEngine(engine.definition))
    for each in engines:
        yield_to_trains()
        try:
            got_labels, got_scores = answer(each, spectra)
        except ModelFileError:
            raise
        except InputError as error:
            raise ModelFileError(f"{manifest['id']}: the golden input does "
                                 f"not fit the model: {error}") from None
        except Exception as error:      # ONNX Runtime, on a foreign graph
            raise ModelFileError(f"{manifest['id']} fails on its golden "
                                 f"input: {error}") from None
        difference = np.abs(got_scores - scores).max()
        if (got_labels != labels).any() or not difference <= TOLERANCE:
            raise ModelFileError(
                f"{manifest['id']} gives labels {got_labels.tolist()} on its "
                f"golden input instead of {labels.tolist()} (scores differ "
                f"by up to {difference:.3g}, {each.name} engine): export "
                "the model again")
