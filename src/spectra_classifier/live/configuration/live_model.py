"""A model in use: what was loaded, the engine that runs it, its standing."""
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ...core.engine.fused_preprocessing import FusedPreprocessing
from ...core.model_definition import Settings
from ...core.spectra import make_train
from ...errors import ConfigurationError, ModelFileError, SpectraError
from ...model import load, make_engine
from ...model.plain import check_path
from ...model.verdict import objection

MODEL_SUFFIX = ".onnx"


@dataclass(frozen=True, eq=False)
class LiveModel:
    """A verified model and the warm engine that runs it."""
    path: str
    loaded: object
    engine: object

    @cached_property
    def _preprocessing(self):
        return FusedPreprocessing(self.definition.preprocessing,
                                  len(self.definition.axis))

    def preprocessed(self, spectra, settings):
        """Raw spectra (k, channels) float32 as the members see them.

        Whatever the engine is, this is the compiled way: the reference
        takes seconds for a baseline, in Python, and would hold up trains.
        """
        raw = make_train(0, spectra).spectra
        run = self._preprocessing.run(settings.dark, settings.mask)
        return self._preprocessing.spectra(raw, np.arange(len(raw)), run)

    @property
    def definition(self):
        return self.loaded.definition

    @property
    def identity(self):
        """Hash of everything that a code or the permit depends on."""
        return self.loaded.identity

    @cached_property
    def objection(self):
        """What its manifest says against arming it, "" for nothing."""
        return objection(self.loaded.manifest)


def check_model_path(text):
    """The path of a model file worth loading, or `ConfigurationError`."""
    path = Path(text)
    if not path.is_absolute() or path.suffix != MODEL_SUFFIX:
        raise ConfigurationError(
            f"modelPath {text!r}: expected the absolute path of a "
            f"{MODEL_SUFFIX} file")
    try:
        return check_path(path)
    except ModelFileError as error:
        raise ConfigurationError(f"modelPath {error}") from None


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
