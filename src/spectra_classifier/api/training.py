"""Training in memory: `spectra_classifier.train`."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..core.dataset import Dataset
from ..core.spectra import Axis
from ..errors import ConfigurationError
from .arrays import given
from .libraries import missing
from .models import TrainedModel, check_name, labelled_dataset

if TYPE_CHECKING:
    from ..training.options import TrainingOptions


def train(X: Any, y: Any = None, *, groups: Any = None, axis: Any = None,
          name: str = "model", description: str = "",
          licence: str = "not stated",
          progress: Callable[[int, int, float], None] | None = None,
          **options: Any) -> TrainedModel:
    """Train a model on labelled spectra, like the command of that name.

    Parameters
    ----------
    X
        `Spectra` of `read`, an array (N, channels), a data frame with a row
        per spectrum, or a data array; the dark is subtracted. NaN is refused.
    y
        (N,) labels of any type; None for those of `Spectra`.
    groups
        (N,) captures: spectra of one class that were taken in one go. The
        model is validated on captures that it was not trained on; without
        them drift is not excluded.
    axis
        Positions of the channels, (channels,), or an `Axis` with quantity and
        unit. None for the axis that `X` states, else channel numbers.
    name, description, licence
        Of the model.
    progress
        Called with step, number of steps and loss.
    **options
        Attributes of `training.options.TrainingOptions`: the options of the
        command, such as `members`, `averaging` and `time_budget`.

    Returns
    -------
    TrainedModel
        With its `report`; `save` writes it.

    Raises
    ------
    SpectraError
        If no model can be trained on the spectra, or an option is wrong.

    Examples
    --------
    >>> model = spectra_classifier.train(X, y, groups=captures, axis=energies)
    >>> model.report["cross_validation"]["accuracy"], model.report["warnings"]
    >>> model.save("models")
    """
    check_name(name)
    chosen, ignored = options_of(options)
    if ignored:
        raise ConfigurationError(f"members {chosen.members!r} take no "
                                 f"{', '.join(ignored)}: leave it out")
    mine = given(X, axis)
    dataset = labelled_dataset(X, mine, y, groups, mine.axis or Axis.channels(
        mine.spectra.shape[1]))
    return fit(dataset, chosen, name, licence, description, progress)


def fit(dataset: Dataset, options: TrainingOptions, name: str,
        licence: str = "not stated", description: str = "",
        progress: Callable[[int, int, float], None] | None = None,
        path: str = "the model") -> TrainedModel:
    """Train on a data set; see `train`.

    `path` is the name of the model in messages.
    """
    try:
        from ..training import fit as training

        result = training.train(dataset, options, progress)
    except ModuleNotFoundError as error:
        raise missing(error, "training") from None
    return TrainedModel(
        result.compose(name, licence, description, path), result.report,
        result.evidence)


def options_of(changes: Mapping[str, Any],
               ) -> tuple[TrainingOptions, list[str]]:
    """Options of a training, and those given that the members do not take.

    Parameters
    ----------
    changes
        {attribute of `TrainingOptions`: value}.

    Raises
    ------
    ConfigurationError
        For an unknown option, or a value outside of its limits.
    """
    from ..training.options import TrainingOptions

    known = [field.name for field in fields(TrainingOptions)]
    for option in changes:
        if option not in known:
            raise ConfigurationError(f"there is no option {option!r}; known "
                                     f"are {', '.join(known)}")
    if {"lam", "baseline_length"} <= set(changes):
        raise ConfigurationError(
            "--lam and --baseline-length set the same: give one of them")
    more = {}
    if "epochs" in changes:
        more["fold_epochs"] = min(changes["epochs"],
                                  TrainingOptions.fold_epochs)
    make = (TrainingOptions.published
            if changes.get("members") == "published" else TrainingOptions)
    try:
        options = make(**more | dict(changes))
    except TypeError as error:      # a text for a number
        raise ConfigurationError(f"options: {error}") from None
    return options, [name for name in changes if not options.takes(name)]
