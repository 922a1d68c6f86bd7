"""One immutable configuration, built and validated as a whole.

`values` is always a plain mapping from property names to Python values
(numbers, strings, tuples; tables are tuples of dicts). Nothing here depends
on a device: the same functions serve start-up, reconfiguration and tests.
"""
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from ...core.decision import (
    NO_CLASS,
    DecisionConfig,
    ModelStanding,
    PulsePattern,
    Reaction,
    check_names,
)
from ...core.model_definition import Settings
from ...core.preprocessing.memory_cells import Darks
from ...core.preprocessing.quality import gate, saturation_level
from ...core.preprocessing.raw_frames import Selection
from ...core.preprocessing.source_layout import Layout
from ...core.trains.bunch_pattern import NO_LASER
from ...errors import ConfigurationError, InputError
from ..matched_parts import MatchSettings
from .live_model import LiveModel
from .property_map import (
    BEHIND_SPECTRA,
    COLUMNS,
    DECISION_KEYS,
    DRIFT_KEYS,
    ENGINE_KEYS,
    JOIN_KEYS,
    KEYS,
    LATER_COLUMNS,
    LAYOUT_KEYS,
    Row,
    Values,
)

#: types accepted for a column; `bool("false")` would be True
PLAIN: dict[type, tuple[type, ...]] = {
    bool: (bool, np.bool_), int: (int, np.integer), str: (str,)}


@dataclass(frozen=True, eq=False)
class Configuration:
    """Everything that the result of a train depends on; replaced as a whole.

    `model` is None where none is set; `confirmed`: the reactions were set
    for exactly the classes of this model; `drift_limits` replace the model's
    own, by field of `DriftLimits`; `matching`: streams that are matched to
    every train.
    """
    values: MappingProxyType[str, Any]
    model: LiveModel | None
    settings: Settings
    decision: DecisionConfig
    layout: Layout
    selection: Selection
    drift_limits: dict[str, float]
    confirmed: bool
    hash: str = field(default="")
    matching: MatchSettings = MatchSettings()   # noqa: RUF009 (immutable)

    @cached_property
    def model_id(self) -> str:
        return self.model.definition.model_id if self.model else ""

    @cached_property
    def channels(self) -> int | None:
        """Number of channels of the model, None without a model."""
        return len(self.model.definition.axis) if self.model else None

    @cached_property
    def leader_channels(self) -> int | None:
        """Number of channels of the leading stream, None where unknown.

        Of two modules together only when they are joined.
        """
        return None if self.matching.with_follower else self.channels

    def same_spectra(self, other: "Configuration") -> bool:
        """Whether both make the same raw spectra of a train, and leave out
        the same of them.
        """
        return (self._spectra_of_model == other._spectra_of_model and all(
            self.values[key] == other.values[key]
            for key in KEYS if key not in BEHIND_SPECTRA))

    @property
    def _spectra_of_model(self) -> tuple[float | None, ...]:
        """What a model changes in them: channels, division by energy, the
        lowest intensity, saturation."""
        if self.model is None:
            return ()
        model = self.model.definition
        return (self.channels, model.preprocessing.by_monitor,
                gate(model, self.settings),
                saturation_level(model, self.settings))

    @cached_property
    def standing(self) -> ModelStanding:
        """Whether the model may permit, as the decision sees it."""
        if self.model is None:
            return ModelStanding()
        return ModelStanding(
            verified=True,
            min_intensity=gate(self.model.definition, self.settings),
            reactions_confirmed=self.confirmed,
            objection="" if self.values["model.overrideObjection"]
            else self.model.objection)


def build(values: Values, model: LiveModel | None = None,
          confirmed: bool = True, max_classes: int = 8) -> Configuration:
    """Build and validate the configuration of all `KEYS`.

    Without a model, values that depend on it are checked as far as possible.

    Raises
    ------
    ConfigurationError
        With the property and the reason.
    """
    if model is not None and len(model.definition.classes) > max_classes:
        raise ConfigurationError(
            f"{model.definition.model_id} has "
            f"{len(model.definition.classes)} classes, model.maxClasses is "
            f"{max_classes}: restart the device with more model.maxClasses")
    values = {key: values[key] for key in KEYS}
    check_names(values["alarms.latched"])
    settings = _settings(values, model)
    reactions = tuple(
        Reaction(row["sampleClass"], row["alarm"], row["permit"])
        for row in values["reactions"])
    if model is None:
        classes = tuple(r.sample_class for r in reactions
                        if r.sample_class not in NO_CLASS)
    else:
        classes = model.definition.classes
    if not confirmed:
        # reactions to the classes of another model mean nothing here
        reactions = tuple(r for r in reactions
                          if r.sample_class in (*classes, *NO_CLASS))
    decision = DecisionConfig(
        classes=classes, reactions=reactions,
        patterns=_patterns(values["decision.pulsePatterns"]),
        **{name: values[key] for key, name in DECISION_KEYS.items()})
    layout = Layout(**{name: values[key]
                       for key, name in LAYOUT_KEYS.items()})
    if not layout.data:
        raise ConfigurationError("source.dataPath is empty: name the array of "
                                 "the spectra, such as data.adc")
    matching = MatchSettings(**{name: values[key]
                                for key, name in JOIN_KEYS.items()})
    _check_machine(decision.patterns, matching)
    if (model is not None and not matching.energy
            and model.definition.preprocessing.by_monitor):
        raise ConfigurationError(
            f"{model.definition.model_id} takes spectra per pulse energy: set "
            "joining.energyPath and joining.minPulseEnergy, and connect "
            "joining.contextInput to the monitor; or load a model with "
            "another normalisation")
    try:
        selection = Selection.parse(values["source.pulseSelection"])
    except InputError as error:
        raise ConfigurationError(str(error)) from None
    return Configuration(
        MappingProxyType(values), model, settings, decision, layout, selection,
        _drift_limits(values), confirmed, _hash(values, model, confirmed),
        matching)


def _check_machine(patterns: Iterable[PulsePattern],
                   matching: MatchSettings) -> None:
    """Patterns by X-rays and laser need somebody who reports them."""
    for pattern in patterns:
        if pattern.kind.by_machine and not matching.with_machine:
            raise ConfigurationError(
                f"pulse pattern {pattern.name!r} is of kind "
                f"{pattern.kind.value!r}: set joining.patternPath, and "
                "connect joining.patternInput to the time server")
        if "laser" in pattern.kind.value and matching.laser == NO_LASER:
            raise ConfigurationError(
                f"pulse pattern {pattern.name!r} is of kind "
                f"{pattern.kind.value!r}: choose the laser in joining.laser")


def _settings(values: Values, model: LiveModel | None) -> Settings:
    """The `Settings`; a negative number means the model's own value."""
    dark, strips = values["dark.spectrum"], values["source.maskedStrips"]
    rows = values["dark.rows"]
    if model is None:
        channels = max([len(dark) // rows, *(s + 1 for s in strips)])
    else:
        channels = len(model.definition.axis)
    if len(dark) not in (0, rows * channels):
        raise ConfigurationError(
            f"dark.spectrum has {len(dark)} values, expected dark.rows "
            f"({rows}) times the {channels} channels of the model: record it "
            "again or leave it empty")
    outside = [s for s in strips if not 0 <= s < channels]
    if outside:
        raise ConfigurationError(
            f"source.maskedStrips names strip {outside[0]}: the model has "
            f"strips 0 to {channels - 1}")
    if not np.isfinite(dark).all():
        raise ConfigurationError("dark.spectrum holds a value that is not "
                                 "finite")
    mask = np.zeros(channels, bool)
    mask[list(strips)] = True
    darks = Darks.of(dark, channels) if dark else None
    settings = Settings(
        selected_bins=values["selectedBins"],
        min_confidence=_own(values, "minConfidence"),
        min_intensity=_own(values, "minIntensity"),
        saturation_level=_own(values, "source.saturationLevel"),
        dark=darks.mean if darks else None,
        cells=darks.cells if darks else None,
        mask=mask if strips else None,
        average_within=_patterns(values["decision.pulsePatterns"]))
    if model is not None:
        settings.validate(model.definition)
    return settings


def _drift_limits(values: Values) -> dict[str, float]:
    """The limits that are set, by field of `DriftLimits`."""
    limits: dict[str, float] = {}
    for key, name in DRIFT_KEYS.items():
        value, least = _own(values, key), 1 if name == "intensity" else 0
        if value is None:
            continue
        if value <= least:
            raise ConfigurationError(
                f"{key} is {value:g}: expected more than {least}, or -1 for "
                "the model's own limit")
        limits[name] = value
    return limits


def _own(values: Values, key: str) -> float | None:
    value = values[key]
    if not np.isfinite(value):
        raise ConfigurationError(f"{key} is {value}: expected a number, or "
                                 "-1 for the model's own value")
    return None if value < 0 else value


def _patterns(rows: Sequence[Row]) -> tuple[PulsePattern, ...]:
    if not rows:
        return (PulsePattern(),)
    return tuple(PulsePattern(**row) for row in rows)


def _hash(values: Values, model: LiveModel | None, confirmed: bool) -> str:
    """16 hex digits over everything that codes and permit depend on."""
    own = {key: value for key, value in values.items()
           if key not in ENGINE_KEYS}
    own["model"] = model.identity if model else ""
    own["confirmed"] = confirmed
    text = json.dumps(own, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain_rows(key: str, rows: Iterable[Any]) -> tuple[Row, ...]:
    """A table as a tuple of dicts with Python values.

    Parameters
    ----------
    key
        Name of the table, one of `COLUMNS`.
    rows
        Mappings from column names to values.

    Raises
    ------
    ConfigurationError
        Names row and column: Karabo itself checks rows only loosely.
    """
    found = []
    for number, row in enumerate(rows):
        plain: Row = {}
        for column, kind in COLUMNS[key].items():
            try:
                value = row[column]
            except (KeyError, ValueError, IndexError):
                if column in LATER_COLUMNS.get(key, {}):
                    plain[column] = LATER_COLUMNS[key][column]
                    continue
                raise ConfigurationError(
                    f"{key}, row {number}: the column {column} is missing"
                ) from None
            if not isinstance(value, PLAIN[kind]) or (
                    kind is int and isinstance(value, bool)):
                raise ConfigurationError(
                    f"{key}, row {number}: {column} is {value!r}, expected "
                    f"{kind.__name__}")
            plain[column] = kind(value)
        found.append(plain)
    return tuple(found)


def differences(old: Values, new: Values) -> list[tuple[str, Any, Any]]:
    """(property, old value, new value) of every difference."""
    return [(key, old[key], new[key]) for key in KEYS if old[key] != new[key]]


def same_bins(old: LiveModel | None, new: LiveModel | None) -> bool:
    """Whether bin numbers mean the same in two models; False for None."""
    return (old is not None and new is not None
            and old.definition.bins == new.definition.bins
            and not old.definition.axis.mismatch(new.definition.axis))


def same_classes(old: LiveModel | None, new: LiveModel | None) -> bool:
    """Whether class indices mean the same in two models; False for None."""
    return (old is not None and new is not None
            and old.definition.classes == new.definition.classes)
