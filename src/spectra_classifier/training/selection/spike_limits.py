"""When is a single strip a spike? Learnt from training spectra.

Spikes are removed only where no class has lines as narrow as a spike: in the
median spectrum of each class no strip stands out of both neighbours by more
than `NARROW` of its range. The limits are those of box plots ("outside": J.
Tukey, Exploratory Data Analysis, 1977), of the logarithm of the largest
amount by which a strip of a spectrum stands out, so that some training
spectra may have spikes themselves.
"""
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ...core import large_arrays
from ...core.model_definition import Settings, SpikeRule
from ...core.preprocessing import spikes
from ...core.spectra import LARGEST, RawSpectra
from ..labelled import LabelledDataset
from .novelty_limits import MOST_TRIMMED, QUARTILES_FROM

#: share of its range by which a strip of a median spectrum may stand out: a
#: line of a standard deviation of 1.3 strips does by as much
NARROW = 0.25
#: limits lie above the upper quartile by so many times the distance of the
#: quartiles
OUTSIDE = 1.5
#: roughness above which white noise does not stand out
LEAST_ROUGHNESS = 6.
#: spectra per class by which limits are found: more do not change them
_ENOUGH = 2000
#: spectra at a time
_CHUNK = 1024


class Found(NamedTuple):
    """The rule of a model, and the training data without their spikes.

    Attributes
    ----------
    rule
        None where spectra are taken as they are.
    data
        The given ones where nothing was found.
    figures
        Plain JSON values for the report.
    """
    rule: SpikeRule | None
    data: LabelledDataset
    figures: dict[str, Any]


def found(data: LabelledDataset) -> Found:
    """The `Found` of labelled data (dark subtracted), not float64."""
    rule, why = _rule(data.spectra, data.labels)
    if rule is None:
        return Found(None, data, {"words": f"spikes are not removed: {why}",
                                  "spiked": None})
    spiked, clean = spikes.removed(
        cast(RawSpectra, data.spectra), np.arange(len(data)), rule, Settings())
    if len(spiked):
        spectra = large_arrays.empty(data.spectra.shape, np.float32)
        spectra[:] = data.spectra
        spectra[spiked] = clean
        data = replace(data, spectra=spectra)
    return Found(rule, data, {
        "words": f"single strips that stand out by more than "
        f"{rule.counts:.4g} counts and {rule.roughness:.3g} times the "
        f"roughness of the spectrum are interpolated: {len(spiked)} of "
        f"{len(data)} training spectra had some",
        "counts": rule.counts, "roughness": rule.roughness,
        "spiked": len(spiked)})


def _rule(spectra: NDArray[np.number], labels: NDArray[np.int64],
          ) -> tuple[SpikeRule | None, str]:
    """(rule, "") or (None, why there is none)."""
    if spectra.shape[1] < spikes.FEWEST_CHANNELS:
        return None, (f"that needs {spikes.FEWEST_CHANNELS} channels, there "
                      f"are {spectra.shape[1]}")
    limits = np.zeros(2)
    for c in np.unique(labels):
        rows = np.flatnonzero(labels == c)
        if len(rows) < QUARTILES_FROM:
            return None, (f"that needs {QUARTILES_FROM} spectra of each "
                          f"state, of one there are {len(rows)}")
        own = spectra[rows[np.unique(np.linspace(0, len(rows) - 1, min(
            len(rows), _ENOUGH)).astype(int))]].astype(np.float32)
        middle = np.median(own, axis=0)
        if not np.ptp(middle) > 0:
            return None, "a class has no structure"
        narrow = spikes.standing_out(middle[None]).max() / np.ptp(middle)
        if narrow > NARROW:
            return None, ("a class has lines as narrow as one strip, or "
                          "strips that are always brighter than both "
                          "neighbours: mask these")
        height = np.concatenate([
            spikes.standing_out(own[first:first + _CHUNK]).max(axis=1)
            for first in range(0, len(own), _CHUNK)])
        rough = np.concatenate([
            spikes.roughness(own[first:first + _CHUNK])
            for first in range(0, len(own), _CHUNK)])
        for number, values in enumerate((height, height / np.maximum(
                rough, 1e-30))):
            size = np.log(np.maximum(values, 1e-30))
            low, high = np.quantile(size, [0.25, 0.75])
            limit = high + OUTSIDE * (high - low)
            if (size > limit).mean() > MOST_TRIMMED:
                return None, "strips stand out in too many spectra"
            limits[number] = max(limits[number], np.exp(limit))
    if not (limits > 0).all():
        return None, "no strip of a training spectrum stands out"
    if not (limits <= LARGEST).all():
        # as where some spectra are equal but for rounding
        return None, "the amounts by which strips stand out differ too much"
    return SpikeRule(float(limits[0]),
                     float(max(limits[1], LEAST_ROUGHNESS))), ""
