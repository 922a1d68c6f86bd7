"""What spectra must be for a model: on its axis, minus a dark, with labels."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.dataset import Dataset, subtracted_dark
from ..core.model_definition import ModelDefinition
from ..core.preprocessing.memory_cells import Darks
from ..core.spectra import Axis
from ..errors import ConfigurationError, InputError
from ..files.spectra.axis_names import QuantityUnit


def parse_axis(text: str | None) -> QuantityUnit | None:
    """(quantity, unit) of "energy:eV", or None."""
    if text is None:
        return None
    quantity, colon, unit = str(text).partition(":")
    if not (colon and quantity and unit):
        raise ConfigurationError(f"--axis {text}: expected a quantity and a "
                                 "unit, such as energy:eV or two_theta:deg")
    return quantity, unit


def need_labels(dataset: Dataset, path: object) -> None:
    """`InputError` where the data have no labels."""
    if dataset.labels is None:
        raise InputError(f"{path}: has no labels; give them with --labels "
                         "FILE, as labels.csv in the folder, or as labels in "
                         "the file")


def with_class_names(dataset: Dataset, names: tuple[str, ...]) -> Dataset:
    """Labels that are bare numbers as class indices into `names`.

    The dataset is unchanged where its labels are words or its names are the
    same.

    Raises
    ------
    InputError
        Where the numbers are not 0 to the last class: 1 and 2 of three
        classes may count from 0 or from 1.
    """
    numbers = dataset.classes
    if numbers is None or set(numbers) & set(names) or not all(
            number.isascii() and number.isdecimal() for number in numbers):
        return dataset
    if {int(number) for number in numbers} != set(range(len(names))):
        raise InputError(
            f"the labels are the numbers {', '.join(numbers)}, and the model "
            f"knows {', '.join(names)}: it is not clear which is which; give "
            "names with --labels, or class_names in the file")
    index = np.array([int(number) for number in numbers])[dataset.labels]
    return replace(dataset, labels=index, classes=tuple(names))


def on_axis_of(dataset: Dataset, definition: ModelDefinition,
               path: object) -> Dataset:
    """The data on the axis of a model, or `InputError`."""
    check_axis(dataset.axis, definition, path)
    return replace(dataset, axis=definition.axis)


def check_axis(own: Axis, definition: ModelDefinition, path: object) -> None:
    """`InputError` where an axis is not that of a model.

    Where quantity and unit of one of the two are not known, only positions
    are compared.
    """
    difference = mismatch(definition.axis, own)
    if difference:
        raise InputError(f"{path}: does not fit model {definition.model_id}, "
                         f"it has {difference}; use spectra on the axis that "
                         "the model was trained on, or train a model for "
                         "these")


def mismatch(axis: Axis, own: Axis) -> str:
    """`Axis.mismatch`; what is not known of one of the two agrees."""
    known = [(mine, other) if "unknown" not in (mine, other) else ("", "")
             for mine, other in zip((axis.quantity, axis.unit),
                                    (own.quantity, own.unit), strict=True)]
    (mine, other), (unit, other_unit) = known
    return Axis(axis.values, mine or axis.quantity, unit or axis.unit
                ).mismatch(Axis(own.values, other or axis.quantity,
                                other_unit or axis.unit))


def mean_dark(dataset: Dataset, channels: int, axis: Axis | None,
              path: object) -> Darks:
    """The mean of spectra without beam.

    Parameters
    ----------
    dataset
        These spectra.
    channels
        Number of channels expected.
    axis
        That of the spectra: a dark with another axis is rejected.
    path
        Their name in messages.
    """
    if len(dataset.axis) == channels and axis is not None and (
            dataset.axis.quantity != "channel"):
        difference = mismatch(axis, dataset.axis)
        if difference:
            raise InputError(
                f"{path}: is on another axis than the spectra, with "
                f"{difference}; take a dark of the same detector and region")
    return Darks(dataset.spectra.mean(axis=0, dtype="f8").astype("f4"))


def need_dark_channels(dark: Darks, channels: int, path: object) -> None:
    """`InputError` where a dark has other channels than the spectra."""
    if len(dark.mean) != channels:
        raise InputError(f"{path}: {len(dark.mean)} channels, the spectra "
                         f"have {channels}; take a dark of the same detector "
                         "and region")


def dark_notes(manifest: Mapping[str, Any], provenance: Mapping[str, Any],
               subtracted: bool) -> list[str]:
    """What is odd about a dark in use and in the training.

    Parameters
    ----------
    manifest
        Of the model.
    provenance
        Of the data; a converted file remembers what was subtracted.
    subtracted
        Whether a dark is subtracted now.
    """
    taught = [source.get("dark") for source
              in manifest["training"].get("data", ())]
    if any(taught) and not (subtracted or subtracted_dark(provenance)):
        return ["the model was trained on spectra minus a dark, and none is "
                "subtracted here: give it with --dark, unless it is "
                "subtracted already"]
    if taught and not any(taught) and subtracted:
        return ["a dark is subtracted here, and none was in the training "
                "of the model"]
    return []
