"""From a train of the source to the peaks of its regions; knows no broker."""
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.decision import PulsePattern
from ...core.evaluation.peak import FEWEST, Peak, fit
from ...core.model_definition import ModelDefinition
from ...errors import InputError
from ...exploration.peak_watch import PeakVerdict, Region, fit_mean, judge
from ..common.pulse_reader import PulseReader, Source


@dataclass(frozen=True, eq=False)
class Measured:
    """The peak of a region in the mean of the pulses of a pattern.

    `taught`: of every class, NaN where it has no peak there.
    """
    region: Region
    pattern: str
    peak: Peak
    taught: tuple[Peak, ...]
    verdict: PeakVerdict


@dataclass(frozen=True, eq=False)
class Measuring:
    """How trains are measured: never changed, but replaced.

    `cut`: share of the typical intensity below which a pulse is left out.
    """
    source: Source
    definition: ModelDefinition
    patterns: tuple[PulsePattern, ...]
    regions: tuple[Region, ...]
    cut: float

    def same(self, other: Self) -> bool:
        """Whether both measure alike."""
        return (self.definition is other.definition
                and self.patterns == other.patterns
                and self.regions == other.regions and self.cut == other.cut
                and self.source.same(other.source))

    @cached_property
    def _reader(self) -> PulseReader:
        return PulseReader(self.source, self.cut)

    @cached_property
    def _parts(self) -> list[tuple[Region, NDArray[np.bool_],
                                   tuple[Peak, ...]]]:
        axis, drift = self.definition.axis, self.definition.drift
        taught = np.ones(len(axis), bool)
        taught[list(self.definition.untaught)] = False
        size = np.gradient(axis.values)
        parts = []
        for region in self.regions:
            inside = region.channels(axis)
            known = inside & taught
            parts.append((region, inside, (Peak(),) * len(
                self.definition.classes) if drift is None else tuple(
                fit(axis.values[known], drift.intensity * spectrum[known],
                    size=size[known]) for spectrum in drift.spectra)))
        return parts

    def measure(self, train_id: int, data: Hash) -> list[Measured]:
        """The peaks of a train, pattern by pattern; blocks.

        Raises `InputError` for a train that has none.
        """
        if not self.regions:
            raise InputError("peaks.regions is empty: add a row for every "
                             "peak")
        parts = self._parts
        train, used, _ = self._reader.usable(
            self._reader.prepared(train_id, data))
        axis, background = self.definition.axis, self._reader.background
        if train.spectra.shape[1] != len(axis):
            raise InputError(
                f"{train.spectra.shape[1]} channels, the model has "
                f"{len(axis)}: connect the source of the classifier")
        if not used.any():
            raise InputError("no pulse of the train is usable: is there beam?")
        alive = (np.ones(len(axis), bool)
                 if background is None or background.masked is None
                 else ~background.masked)
        size = np.gradient(axis.values)
        found: list[Measured] = []
        for pattern in self.patterns:
            rows = np.flatnonzero(used & pattern.selects(
                train.pulse_ids, train.light))
            for region, inside, taught in parts:
                known = inside & alive
                spectra = np.asarray(train.spectra[rows][:, known],
                                     np.float64)
                if background is not None and background.dark is not None:
                    spectra -= background.dark[known]
                peak = fit_mean(axis.values[known], spectra, size[known])
                # what could not be measured is not a peak that is absent
                if not len(rows):
                    verdict = PeakVerdict(False, "no pulse of it is usable")
                elif np.count_nonzero(known) < FEWEST:
                    verdict = PeakVerdict(False, "too many dead strips")
                else:
                    verdict = judge(peak, taught, region.tolerance, axis.unit)
                found.append(Measured(region, pattern.name, peak, taught,
                                      verdict))
        return found


def words(found: Sequence[Measured], patterns: int) -> str:
    """What is beyond, in one line; "" if nothing is."""
    return "; ".join(
        f"{each.region.name}{f' ({each.pattern})' if patterns > 1 else ''}: "
        f"{each.verdict.words}" for each in found if not each.verdict.within)
