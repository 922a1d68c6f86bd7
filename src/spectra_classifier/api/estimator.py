"""The classifier as an estimator of scikit-learn."""
from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..core.engine.labels import confidence
from ..core.limits import check_classes
from ..core.model_definition import Settings
from ..core.spectra import Axis
from ..errors import ConfigurationError, InputError
from ..files.runs.train_source import ArraySource
from ..offline.chunks import classify
from .arrays import captures_of
from .libraries import library
from .models import Model
from .training import fit, options_of

_base: Any = library("sklearn.base", "SpectraClassifierEstimator")
_targets: Any = library("sklearn.utils.multiclass",
                        "SpectraClassifierEstimator")
_validation: Any = library("sklearn.utils.validation",
                           "SpectraClassifierEstimator")

#: kept as they are; others, and lists, become the first of them
_DTYPES = np.float64, np.float32, np.uint16


class SpectraClassifierEstimator(_base.ClassifierMixin,
                                 _base.BaseEstimator):
    """`spectra_classifier.train` as an estimator of scikit-learn.

    For pipelines, grid searches and `cross_val_score`. As scikit-learn
    expects, `predict` gives every spectrum the class that is most likely, or
    `unknown` to those that the model does not know; `classify` of `model_`
    gives all codes.

    Parameters
    ----------
    members
        "auto", "texture", "linear", "ridge", "logistic", "mlp" or
        "published".
    bins
        Number of bins of members of one kind; None for 15, or one per
        channel where there are fewer.
    axis
        (channels,) positions, or an `Axis`; None for channel numbers.
    gate
        Whether spectra of too low an intensity get no class, as in a model
        for a device. Without it any features can be used, also negative ones.
    unknown
        What `predict` gives to spectra that the model turns away (unknown,
        low intensity, ...); None for the most likely class.
    time_budget
        Seconds after which "auto" tries no further candidate.
    options
        Further {attribute of `TrainingOptions`: value}, or None.

    Attributes
    ----------
    classes_
        (C,) labels in the order of the columns of `predict_proba`.
    model_
        `Model`; its `report` and `save` are those of
        `spectra_classifier.train`.
    n_features_in_
        Number of channels.
    feature_names_in_
        (channels,) names of the columns, where X was a data frame with names.

    Notes
    -----
    Every check of `sklearn.utils.estimator_checks.check_estimator` is
    passed. A spectrum has at least two channels, and X is dense and real.

    Examples
    --------
    >>> from sklearn.model_selection import GroupKFold, cross_val_score
    >>> cross_val_score(SpectraClassifierEstimator(), X, y, groups=captures,
    ...                 cv=GroupKFold(4), params={"groups": captures})
    """

    def __init__(self, members: str = "auto", *, bins: int | None = None,
                 axis: Any = None, gate: bool = False, unknown: Any = None,
                 time_budget: float = 15.,
                 options: dict[str, Any] | None = None) -> None:
        self.members = members
        self.bins = bins
        self.axis = axis
        self.gate = gate
        self.unknown = unknown
        self.time_budget = time_budget
        self.options = options

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Train on spectra.

        Parameters
        ----------
        X
            (N, channels).
        y
            (N,) labels.
        groups
            (N,) captures: the model is validated on those left out.

        Raises
        ------
        ValueError
            If no model can be trained on them.
        """
        X, y = _validation.validate_data(self, X, y, dtype=list(_DTYPES))
        _targets.check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if X.shape[1] < 2:
            raise InputError(f"1 feature (n_features = {X.shape[1]}): a "
                             "spectrum has at least 2 channels")
        dataset = Dataset(
            _axis(self.axis, X.shape[1]), X, labels.ravel(),
            _names(self.classes_),
            None if groups is None else captures_of(groups, len(X)))
        options, _ = options_of(self._options(X.shape[1]))
        self.model_ = fit(dataset, options, "estimator")
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """(N,) label of each spectrum."""
        label, probability = self._classified(X)
        found = self.classes_[probability.argmax(axis=1)]
        if self.unknown is None:
            return found
        found = found.astype(np.result_type(
            found, np.asarray(self.unknown)), copy=True)
        found[label < 0] = self.unknown
        return found

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """(N, C) calibrated probability of each class.

        It is the same for all classes where the model has no vote.
        """
        return self._classified(X)[1]

    def _classified(self, X: Any) -> tuple[NDArray[np.int8],
                                           NDArray[np.float64]]:
        """(code (N,), probabilities (N, C))."""
        _validation.check_is_fitted(self)
        X = _validation.validate_data(self, X, reset=False,
                                      dtype=list(_DTYPES))
        model: Model = self.model_
        source = ArraySource(X)
        chunk = classify(model.engine(), Settings(), source, 0, len(source))
        if chunk.problems:
            raise InputError(f"X: {chunk.problems[0][1]}")
        return chunk.pulses["label"], confidence(
            chunk.pulses["scores"].astype(np.float64),
            model.definition.calibration)

    def _options(self, channels: int) -> dict[str, Any]:
        own = {"members": self.members, "gate": self.gate}
        if self.members in ("auto", "texture"):
            own["time_budget"] = self.time_budget
        else:
            own["bins"] = self.bins or min(15, channels)
        twice = set(own) & set(self.options or {})
        if twice:
            raise ConfigurationError(
                f"options: {', '.join(sorted(twice))} is a parameter of its "
                "own")
        return own | (self.options or {})


def _axis(axis: Any, channels: int) -> Axis:
    if axis is None:
        return Axis.channels(channels)
    found = axis if isinstance(axis, Axis) else Axis(
        np.asarray(axis), "unknown", "unknown")
    if len(found) != channels:
        raise InputError(f"axis of {len(found)} positions for {channels} "
                         "channels")
    return found


def _names(classes: NDArray[Any]) -> tuple[str, ...]:
    """The labels as names, numbered where they cannot be names."""
    names = tuple(map(str, classes.tolist()))
    try:
        check_classes(names)
    except InputError:
        if len(names) < 2:
            raise InputError(
                f"one class ({names[0]}): training needs spectra of at least "
                "two classes") from None
        return tuple(f"class {number}" for number in range(len(names)))
    return names
