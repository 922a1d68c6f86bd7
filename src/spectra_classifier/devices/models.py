"""Loading a model beside the live one."""
import numpy as np

from ..core.definition import Settings
from ..core.spectra import make_train
from ..errors import ModelFileError, SpectraError
from ..model import load, make_engine
from .configuration import LiveModel, check_model_path

#: spectra classified before a model becomes live, so that everything is
#: compiled and touched for both kinds of raw data
WARM_UP_PULSES = 64


def load_model(path, kind, threads):
    """A `LiveModel`, loaded, verified and warm; blocks, run in a thread.

    Raises `SpectraError` with the reason for a refusal.
    """
    path = str(check_model_path(path))
    loaded = load(path)
    return LiveModel(path, loaded, make_warm_engine(loaded, kind, threads))


def make_warm_engine(loaded, kind, threads):
    """An engine of a loaded model that has classified already."""
    try:
        engine = make_engine(loaded, kind, threads)
        engine.warm_up()
        channels = len(loaded.definition.axis)
        for dtype in np.uint16, np.float32:
            spectra = np.ones((WARM_UP_PULSES, channels), dtype)
            engine.classify(make_train(0, spectra), Settings())
    except SpectraError:
        raise
    except Exception as error:
        # a compiler or a runtime that gives up; the live model stays
        raise ModelFileError(
            f"{loaded.definition.model_id} cannot be run by the {kind} "
            f"engine: {type(error).__name__}: {error}") from error
    return engine
