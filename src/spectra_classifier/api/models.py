"""Models: `spectra_classifier.load` and what it returns."""
from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import model
from ..core.dataset import Dataset
from ..core.decision.mean_verdict import MeanVerdict
from ..core.describe import axis_words, percent
from ..core.engine.engine import Engine
from ..core.engine.mean_mixture import MeanMixer, MeanMixture
from ..core.engine.train_mean import TrainMean
from ..core.model_definition import ModelDefinition, Settings
from ..core.preprocessing.memory_cells import Darks
from ..core.spectra import Axis, Code, make_train
from ..errors import ConfigurationError, InputError, ModelFileError
from ..files.atomic import check_target, naming
from ..files.runs.train_source import ArraySource
from ..model.plain import AnyPath
from ..model.released import SUFFIX, find_model, is_model_name
from ..offline.chunks import classify as classify_trains
from ..offline.job import need_channels
from .arrays import Given, captures_of, given, labels_of
from .classification import Classification
from .inputs import (
    check_axis,
    dark_notes,
    mean_dark,
    need_dark_channels,
    with_class_names,
)
from .reading import Spectra, fact_table

if TYPE_CHECKING:
    from ..training.report.evidence import Evidence

#: how spectra in memory are called in messages
_SPECTRA = "spectra"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class Model:
    """A verified model; from `spectra_classifier.load` or `train`.

    Parameters
    ----------
    loaded
        The model.
    """

    def __init__(self, loaded: model.LoadedModel) -> None:
        self.loaded = loaded
        self._engines: dict[tuple[str, int], Engine] = {}

    @property
    def definition(self) -> ModelDefinition:
        """What it computes."""
        return self.loaded.definition

    @property
    def manifest(self) -> dict[str, Any]:
        """Its manifest: classes, constants, training data, metrics."""
        return self.loaded.manifest

    @property
    def id(self) -> str:
        """Its name with the start of its identity."""
        return self.manifest["id"]

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their index."""
        return self.definition.classes

    @property
    def axis(self) -> Axis:
        """Axis of the spectra that it takes."""
        return self.definition.axis

    def classify(self, spectra: Any, axis: Any = None, *, dark: Any = None,
                 min_confidence: float | None = None, engine: str = "fused",
                 threads: int = 1) -> Classification:
        """Classify spectra in memory, like the command of that name.

        Parameters
        ----------
        spectra
            `Spectra` of `read`, an array (N, channels), a data frame with a
            row per spectrum, or a data array. Spectra with NaN, Inf or masked
            values get the code of bad data.
        axis
            Positions of the channels, (channels,), or an `Axis`; they are
            compared with those of the model. None for the axis that `spectra`
            state, or none: then the channels are taken for those of the model.
        dark
            Spectra without beam, whose mean is subtracted, or that mean.
        min_confidence
            Confidence below which a spectrum is unknown; None for that of the
            model.
        engine
            "fused", "numpy" or "onnxruntime": all give the same labels.
        threads
            Threads of the fused engine.

        Returns
        -------
        Classification

        Raises
        ------
        InputError
            If the spectra do not fit the model.
        """
        mine = given(spectra, axis)
        self._check(mine)
        darks = self._dark(dark, mine)
        settings = Settings(
            min_confidence=min_confidence,
            dark=None if darks is None else darks.mean)
        settings.validate(self.definition)
        source = ArraySource(mine.spectra, mine.axis, mine.numbers,
                             mine.provenance)
        chunk = classify_trains(self.engine(engine, threads), settings,
                                source, 0, len(source))
        if chunk.problems:
            raise InputError(f"{_SPECTRA}: {chunk.problems[0][1]}")
        return Classification(
            chunk.pulses, self.classes, self.id, mine.index, mine.index_name,
            mine.files, dark_notes(self.manifest, mine.provenance,
                                   darks is not None))

    def mean_mixture(self, spectra: Any, axis: Any = None, *,
                     dark: Any = None) -> MeanMixture:
        """Mean fractions of the taught states, as of one train.

        Parameters
        ----------
        spectra, axis, dark
            As for `classify`. Those without signal, or with bad data, are
            left out.

        Returns
        -------
        MeanMixture
            With 95 % intervals: noise, differences between the spectra and,
            where the model was trained on captures, what differs between
            these.
        """
        mine = given(spectra, axis)
        usable = self.classify(spectra, axis, dark=dark).codes >= Code.UNKNOWN
        darks = self._dark(dark, mine)
        return MeanMixer(self.definition)(
            mine.spectra[usable], None if darks is None else darks.mean)

    def mean_verdict(self, spectra: Any, axis: Any = None, *,
                     dark: Any = None) -> MeanVerdict:
        """Whether the mean of spectra is like the taught states.

        As of one train: a pattern or line that single spectra hide in their
        noise shows there.

        Parameters
        ----------
        spectra, axis, dark
            As for `classify`. Those without signal, or with bad data, are
            left out; of many some are taken, from the first to the last.

        Returns
        -------
        MeanVerdict
            `code`, and `worst`, the score: 1 is the limit.
        """
        mine = given(spectra, axis)
        darks = self._dark(dark, mine)
        return MeanVerdict(rest=TrainMean(self.definition)(
            make_train(0, mine.spectra),
            self.classify(spectra, axis, dark=dark).codes,
            Settings(dark=None if darks is None else darks.mean)))

    def evaluate(self, spectra: Any, y: Any = None, axis: Any = None, *,
                 groups: Any = None, dark: Any = None,
                 include_training: bool = False,
                 engine: str = "fused") -> dict[str, Any]:
        """Compare labels with those of the model, like the command.

        Parameters
        ----------
        spectra, axis, dark, engine
            As for `classify`; NaN is refused.
        y
            (N,) labels; None for those of `Spectra`.
        groups
            (N,) captures, for the interval of the accuracy.
        include_training
            Whether spectra that the model was trained on are included. They
            are known by their content.

        Returns
        -------
        dict
            Accuracy, confusion and so on (keys: docs/command-line.md).
        """
        from ..training.evaluate import evaluate

        mine = given(spectra, axis)
        self._check(mine)
        darks = self._dark(dark, mine)
        dataset = with_class_names(labelled_dataset(
            spectra, mine, y, groups, self.axis), self.classes)
        return evaluate(
            self.loaded, dataset, dataset.indices if include_training
            else None, Settings(dark=None if darks is None else darks.mean),
            engine)

    def engine(self, kind: str = "fused", threads: int = 1) -> Engine:
        """The engine of that kind, warm; made once."""
        key = model.engine_kind(self.definition, kind), threads
        if key not in self._engines:
            ready = model.make_engine(self.loaded, kind, threads)
            ready.warm_up()
            self._engines[key] = ready
        return self._engines[key]

    def save(self, folder: AnyPath) -> Path:
        """Write the model and its manifest.

        Parameters
        ----------
        folder
            Folder for `NAME.onnx` and the manifest, made where it is missing;
            or the model file itself, ending in .onnx.

        Returns
        -------
        Path
            The model file.

        Raises
        ------
        SpectraError, OSError
            If it cannot be written; nothing is changed then.
        """
        path = Path(folder)
        if path.suffix != SUFFIX:
            path.mkdir(parents=True, exist_ok=True)
            path /= f"{self.manifest['name']}{SUFFIX}"
        check_target(path)
        with naming(path):
            model.put(self.loaded, path)
        return path

    def __repr__(self) -> str:
        return f"<Model {self.id}: {'; '.join(map(': '.join, self._facts()))}>"

    def _repr_html_(self) -> str:
        return fact_table(f"Model {escape(self.id)}", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        validation = self.manifest["metrics"].get("cross_validation", {})
        found = [
            ("classes", ", ".join(self.classes)),
            ("axis", f"{len(self.axis)} channels, {axis_words(self.axis)}"),
            ("confidence", self.definition.calibration.status)]
        if validation.get("known"):
            found.append(("accuracy", f"{percent(validation['accuracy'])} "
                          f"cross-validated by {validation['by']}"))
        return found

    def __getstate__(self) -> dict[str, Any]:
        # engines hold threads and compiled functions
        return self.__dict__ | {"_engines": {}}

    def _check(self, mine: Given) -> None:
        need_channels(ArraySource(mine.spectra), self.definition, _SPECTRA)
        if mine.axis is not None:
            check_axis(mine.axis, self.definition, _SPECTRA)

    def _dark(self, dark: Any, mine: Given) -> Darks | None:
        if dark is None:
            return None
        other = given(dark)
        channels = len(self.axis)
        if other.axis is None and other.spectra.shape[1] != channels:
            need_dark_channels(Darks(other.spectra[0]), channels, "dark")
        found = mean_dark(Dataset(
            other.axis or Axis.channels(channels), other.spectra), channels,
            mine.axis, "dark")
        need_dark_channels(found, channels, "dark")
        return found


class TrainedModel(Model):
    """A model that was just trained.

    Parameters
    ----------
    loaded
        The model.
    report
        Report of its training, plain JSON values (keys: docs/training.md).
    evidence
        Data of the figures of a report.
    """

    def __init__(self, loaded: model.LoadedModel, report: Mapping[str, Any],
                 evidence: Evidence) -> None:
        super().__init__(loaded)
        self.report = report
        self.evidence = evidence


def labelled_dataset(spectra: Any, mine: Given, y: Any, groups: Any,
                     axis: Axis) -> Dataset:
    """The `Dataset` of spectra and labels, on an axis.

    Labels and captures of `Spectra` are taken where none are given.
    """
    own = spectra.dataset if isinstance(spectra, Spectra) else (
        spectra if isinstance(spectra, Dataset) else None)
    count = len(mine.spectra)
    captures = None if own is None else own.groups
    if y is not None:
        labels, classes = labels_of(y, count)
    elif own is not None and own.labels is not None:
        labels, classes = own.labels, own.classes or ()
    else:
        raise InputError("no labels: give y, one label per spectrum")
    if groups is not None:
        captures = captures_of(groups, count)
    return Dataset(axis, mine.spectra, labels, classes, captures,
                   mine.numbers, mine.provenance, mine.files)


def model_path(name: AnyPath) -> Path:
    """The file that a path, a folder or the name of a released model means.

    Raises
    ------
    ModelFileError
        If there is no such model, or more than one in the folder.
    """
    path = Path(name)
    if is_model_name(str(name)) and not path.suffix and not path.exists():
        return find_model(str(name))
    if path.is_dir():
        found = sorted(path.glob(f"*{SUFFIX}"))
        if len(found) != 1:
            raise ModelFileError(
                f"{path}: holds {len(found)} models; name one file, such as "
                f"{found[0] if found else path / 'model.onnx'}")
        return found[0]
    return path


def load(path: AnyPath) -> Model:
    """Load and verify a model.

    Parameters
    ----------
    path
        Model file, a folder that holds one, or the name of a released model,
        such as "gotthard2-ramp".

    Raises
    ------
    ModelFileError
        If there is none, or anything is wrong with it.

    Examples
    --------
    >>> model = spectra_classifier.load("gotthard2-ramp")
    >>> result = model.classify(spectra, axis=energies)
    >>> result.labels, result.confidence, result.mixture
    """
    return Model(model.load(model_path(path)))


def check_name(name: str) -> None:
    """`ConfigurationError` where a model cannot have that name."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"model name {name!r}: only letters, digits, dots, dashes and "
            "underscores, at most 80; give one with --name")
