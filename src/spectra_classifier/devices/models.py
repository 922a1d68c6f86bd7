"""Loading a model beside the live one."""
from contextlib import contextmanager

import numpy as np

from ..core.definition import Settings
from ..errors import ModelFileError, SpectraError
from ..model import load, make_engine
from .configuration import LiveModel, check_model_path


def load_model(path, kind, threads):
    """A `LiveModel`, loaded, verified and warm; blocks, run in a thread.

    Raises `SpectraError` with the reason for a refusal, and nothing else.
    """
    with _refusing(f"{path} cannot be loaded"):
        path = str(check_model_path(path))
        loaded = load(path)
    live = LiveModel(path, loaded, make_warm_engine(loaded, kind, threads))
    with _refusing(f"{path} cannot be used"):
        # for the first preview, which would hold up a train otherwise
        live.preprocessed(np.ones((1, len(live.definition.axis)), np.float32),
                          Settings())
    return live


def make_warm_engine(loaded, kind, threads):
    """An engine of a loaded model with nothing left to compile."""
    with _refusing(f"{loaded.definition.model_id} cannot be run by the "
                   f"{kind} engine"):
        engine = make_engine(loaded, kind, threads)
        engine.warm_up()
    return engine


@contextmanager
def _refusing(what):
    """Whatever goes wrong with a model refuses it; the live one stays."""
    try:
        yield
    except SpectraError:
        raise
    except Exception as error:
        raise ModelFileError(
            f"{what}: {type(error).__name__}: {error}") from error
