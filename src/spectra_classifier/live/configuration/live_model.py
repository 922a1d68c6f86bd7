"""A model in use: the loaded file and the engine that runs it."""
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...core.cooperative import yield_to_trains
from ...core.engine.engine import Engine
from ...core.limits import MAX_CLASSES
from ...core.model_definition import ModelDefinition, Settings
from ...core.preprocessing.preprocess import preprocess
from ...core.spectra import make_train
from ...errors import ConfigurationError, ModelFileError, SpectraError
from ...model import classes_stated, load, make_engine
from ...model.engines import engine_kind
from ...model.plain import check_path
from ...model.released import SUFFIX, find_model, is_model_name
from ...model.store import LoadedModel
from ...model.verdict import objection

if TYPE_CHECKING:
    from ...core.engine.fused_preprocessing import FusedPreprocessing

# What needs the compiler is imported where a model is loaded: a device begins
# that in a thread, while Karabo waits to learn whether its id is free.

#: classifies until the kernels of "fused" are compiled
INTERIM = "onnxruntime"
#: means or pulses by which it is measured
_MEASURED = 16


@dataclass(frozen=True, eq=False)
class LiveModel:
    """A verified model and the warm engine that runs it.

    Attributes
    ----------
    interim
        Kernels that it needs are not compiled yet: an engine that needs no
        compiler gives the same labels meanwhile.
    pulse_seconds
        What that engine takes for a pulse, in s.
    threads
        Those of the engine.
    """
    path: str
    loaded: LoadedModel
    engine: Engine
    interim: bool = False
    pulse_seconds: float = 0.
    threads: int = 1

    @cached_property
    def _preprocessing(self) -> "FusedPreprocessing":
        from ...core.engine.fused_preprocessing import FusedPreprocessing
        return FusedPreprocessing(self.definition.preprocessing,
                                  len(self.definition.axis))

    def preprocessed(self, spectra: NDArray[np.float32],
                     settings: Settings) -> NDArray[np.float32]:
        """Raw spectra as the members of the model see them.

        The compiled preprocessing, whatever the engine, except in the
        interim: the numpy reference needs seconds for a baseline of many
        spectra and would delay trains.

        Parameters
        ----------
        spectra
            Shape (k, channels).

        Returns
        -------
        Shape (k, channels).
        """
        if self.interim:
            return preprocess(spectra, self.definition.preprocessing,
                              settings.dark, settings.mask)
        raw = make_train(0, spectra).spectra
        run = self._preprocessing.run(settings.dark, settings.mask)
        return self._preprocessing.spectra(raw, np.arange(len(raw)), run)

    @cached_property
    def definition(self) -> ModelDefinition:
        return self.loaded.definition

    @property
    def identity(self) -> str:
        """Hash of everything in the model that codes and permit depend on."""
        return self.loaded.identity

    @cached_property
    def objection(self) -> str:
        """Reason in the manifest not to arm the model, "" for none."""
        return objection(self.loaded.manifest)


def check_model_path(text: str | Path) -> Path:
    """The path of a model file, from that path or from the id of a model.

    Raises `ConfigurationError`.
    """
    path = Path(text)
    try:
        if is_model_name(str(text)):
            path = find_model(str(text))
        elif not path.is_absolute() or path.suffix != SUFFIX:
            raise ModelFileError(
                f"{str(text)!r}: expected the absolute path of a "
                f"{SUFFIX} file, or the id of a model")
        return check_path(path)
    except ModelFileError as error:
        raise ConfigurationError(f"modelPath {error}") from None


def room_for_classes(path: str, usual: int) -> int:
    """Classes to make room for, before the model at `path` is verified.

    Parameters
    ----------
    path
        Path or id of a model; "" for none.
    usual
        The number without a readable model.

    Returns
    -------
    int
        One more than the model has, for a state that is taught later.
    """
    try:
        return min(classes_stated(check_model_path(path)) + 1, MAX_CLASSES)
    except SpectraError:        # loading it will give the reason
        return usual


def load_model(path: str | Path, kind: str, threads: int) -> LiveModel:
    """Load, verify and warm up a model. Blocks: run it in a thread.

    Compiles what is not on disk yet, which takes half a minute.

    Parameters
    ----------
    path
        Absolute path of an ONNX file, or the id of a model.
    kind
        Name of the engine.
    threads
        Threads of the engine.

    Raises
    ------
    SpectraError
        With the reason why the model is rejected; no other error.
    """
    return run_by(kind, threads, *_read(path))


def load_at_once(path: str | Path, kind: str, threads: int,
                 known: Collection[LiveModel] = ()) -> LiveModel:
    """`load_model` that compiles nothing; see `run_at_once`.

    A file of the same bytes as one of the `known` models is that model.
    """
    name, loaded = _read(path, [each.loaded for each in known])
    for each in known:
        if (each.loaded.graph is loaded.graph and not each.interim
                and each.threads == threads and each.engine.name
                == engine_kind(loaded.definition, kind)):
            return replace(each, path=name, loaded=loaded)
    return run_at_once(kind, threads, name, loaded)


def run_by(kind: str, threads: int, path: str,
           loaded: LoadedModel) -> LiveModel:
    """The model at `path` with a warm engine, as `load_model`."""
    with _refusing(f"{path} cannot be run by the {kind} engine"):
        live = LiveModel(path, loaded, _warm(loaded, kind, threads),
                         threads=threads)
        yield_to_trains()
        # for the first preview, which would delay a train otherwise
        for dtype in np.uint16, np.float32:
            live.preprocessed(np.ones((1, len(live.definition.axis)), dtype),
                              Settings())
    return live


def run_at_once(kind: str, threads: int, path: str,
                loaded: LoadedModel) -> LiveModel:
    """`run_by` that compiles nothing.

    In the interim if a kernel is not on disk.
    """
    from ...core.engine.kernels.options import NotCompiled, only_from_disk
    try:
        with only_from_disk():
            return run_by(kind, threads, path, loaded)
    except NotCompiled:
        kind = engine_kind(loaded.definition, kind)
    kind = INTERIM if kind == "fused" else kind
    with _refusing(f"{path} cannot be run by the {kind} engine"):
        engine = _warm(loaded, kind, 1)
        return LiveModel(path, loaded, engine, interim=True,
                         pulse_seconds=_pulse_seconds(engine))


def _pulse_seconds(engine: Engine) -> float:
    """Seconds for each of a few pulses that are classified."""
    definition = engine.definition
    ramp = np.arange(len(definition.axis), dtype=np.uint16) % 1000
    some = make_train(0, np.tile(ramp, (_MEASURED * definition.averaging, 1)))
    begin = time.perf_counter()
    engine.classify(some, Settings(min_intensity=-np.inf,
                                   saturation_level=np.inf))
    return (time.perf_counter() - begin) / some.pulses


def _read(path: str | Path,
          known: Collection[LoadedModel] = ()) -> tuple[str, LoadedModel]:
    with _refusing(f"{path} cannot be loaded"):
        path = str(check_model_path(path))
        return path, load(path, known=known)


def _warm(loaded: LoadedModel, kind: str, threads: int) -> Engine:
    engine = make_engine(loaded, kind, threads)
    yield_to_trains()
    engine.warm_up()
    return engine


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turn any error of a model into the reason for its rejection."""
    try:
        yield
    except SpectraError:
        raise
    except Exception as error:
        raise ModelFileError(
            f"{what}: {type(error).__name__}: {error}") from error
