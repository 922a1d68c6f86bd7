"""What is wrong with a pulse, before any class is thought of."""
import numpy as np

from .spectra import Code


def assess(train, definition, settings):
    """(verdicts (P,) int8, intensity (P,) float32) of a train.

    A verdict is 0 where the pulse is to be classified, else a `Code`. What
    the source settled stays; then, over valid strips: not finite ->
    BAD_DATA, any raw value at or above the saturation level -> SATURATED,
    mean of raw minus dark below the gate -> LOW_INTENSITY. `intensity` is
    that mean (NaN where not finite).
    """
    spectra = train.spectra
    dark = settings.dark
    if settings.mask is not None:
        valid = ~np.asarray(settings.mask, bool)
        spectra = spectra[:, valid]
        dark = None if dark is None else np.asarray(dark)[valid]
    level = 0. if dark is None else float(np.mean(dark, dtype=np.float64))
    with np.errstate(invalid="ignore", over="ignore"):
        mean = spectra.mean(axis=1, dtype=np.float64)
        saturated = (spectra >= saturation_level(definition, settings)).any(
            axis=1)
    return judge(train, mean - level, saturated, definition, settings)


def judge(train, intensity, saturated, definition, settings):
    """`assess` from `intensity` (P,) float64 and `saturated` (P,) bool.

    A float64 mean of float32 values is finite exactly if all of them are.
    """
    finite = np.isfinite(intensity)
    intensity[~finite] = np.nan
    verdicts = np.where(intensity < gate(definition, settings),
                        Code.LOW_INTENSITY, 0)
    verdicts[saturated] = Code.SATURATED
    verdicts[~finite] = Code.BAD_DATA
    settled = train.verdicts != 0
    verdicts[settled] = train.verdicts[settled]
    return verdicts.astype(np.int8), intensity.astype(np.float32)


def gate(definition, settings):
    """The intensity in force below which a pulse gets no class."""
    return (definition.min_intensity if settings.min_intensity is None
            else settings.min_intensity)


def saturation_level(definition, settings):
    """The raw value in force at which a strip counts as saturated."""
    return (definition.saturation_level if settings.saturation_level is None
            else settings.saturation_level)
