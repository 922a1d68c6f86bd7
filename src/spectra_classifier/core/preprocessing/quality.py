"""Quality of a pulse, judged before classification."""
import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition, Settings, active_weights
from ..spectra import LARGEST, Code, Train

#: share of the rounding that a share of strips may have
_ROUNDING = 1e-9


def assess(train: Train, definition: ModelDefinition | None,
           settings: Settings) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return verdict and intensity of every pulse.

    A code that the source has determined is kept. Then, over valid strips: a
    value that is not finite or of a magnitude above `LARGEST`, or too few
    valid strips (`valid_share`): BAD_DATA; a raw value not below the
    saturation level: SATURATED; mean of raw minus dark below the gate:
    LOW_INTENSITY; one and the same raw value in every strip: BAD_DATA, as no
    detector measures that.

    Parameters
    ----------
    definition
        May be None where `settings` has gate and saturation level.

    Returns
    -------
    verdicts : NDArray[np.int8]
        (P,) 0 where the pulse is to be classified, else a `Code`.
    intensity : NDArray[np.float32]
        (P,) mean of raw minus dark; NaN where a value is not finite or too
        large.
    """
    spectra = train.spectra
    dark = settings.dark
    if settings.mask is not None:
        valid = ~np.asarray(settings.mask, bool)
        spectra = spectra[:, valid]
        dark = None if dark is None else np.asarray(dark)[valid]
    if not spectra.shape[1]:
        nothing = np.full(train.pulses, np.nan)
        return judge(train, nothing, 0., nothing, nothing, definition,
                     settings)
    level = 0. if dark is None else float(np.mean(dark, dtype=np.float64))
    with np.errstate(invalid="ignore", over="ignore"):
        mean = spectra.mean(axis=1, dtype=np.float64)
        highest = spectra.max(axis=1).astype(np.float64)
        lowest = spectra.min(axis=1).astype(np.float64)
    return judge(train, mean, level, highest, np.maximum(highest, -lowest),
                 definition, settings)


def judge(train: Train, mean: NDArray[np.float64], level: float,
          highest: NDArray[np.float64], farthest: NDArray[np.float64],
          definition: ModelDefinition | None,
          settings: Settings) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the result of `assess` from quantities over valid strips.

    Parameters
    ----------
    mean
        (P,) of the raw values; exact where all are equal.
    level
        Mean of the dark.
    highest, farthest
        (P,) largest raw value, and largest magnitude; NaN or Inf where a value
        is.
    """
    intensity = mean - level
    sound = (np.abs(intensity) <= LARGEST) & (farthest <= LARGEST)
    intensity = np.where(sound, intensity, np.nan)
    if definition is not None and too_few_strips(definition, settings):
        sound[:] = False
    verdicts = np.where(highest > mean, 0, Code.BAD_DATA)
    verdicts[~(intensity >= gate(definition, settings))] = Code.LOW_INTENSITY
    verdicts[~(highest < saturation_level(definition, settings))
             ] = Code.SATURATED
    verdicts[~sound] = Code.BAD_DATA
    settled = train.verdicts != 0
    verdicts[settled] = train.verdicts[settled]
    return verdicts.astype(np.int8), intensity.astype(np.float32)


def valid_share(definition: ModelDefinition, settings: Settings) -> float:
    """Return the share of the strips that the mask leaves, 0 to 1.

    Strips count by their weight in the vote: the weight of a bin, under the
    operator's selection, is spread evenly over its strips. Where nothing has
    any weight, all strips count equally.
    """
    if settings.mask is None:
        return 1.
    valid = ~np.asarray(settings.mask, bool)
    weights = strip_weights(definition, settings)
    total = float(weights.sum())
    return float(weights @ valid) / total if total > 0 else float(
        valid.mean())


def strip_weights(definition: ModelDefinition,
                  settings: Settings) -> NDArray[np.float64]:
    """Return the weight (channels,) of each strip in the vote.

    0 for strips without data of their own in training.
    """
    members, channels = definition.members, len(definition.axis)
    spans = np.array(definition.bins)
    if members.kind == "views":     # a texture is that of the whole spectrum
        whole = [not members.views[view].linear for view in members.view_of]
        spans[whole] = 0, channels
    start, stop = spans.T
    weight = active_weights(definition, settings) * members.mass(
        definition.bins) / (stop - start)
    steps = np.zeros(channels + 1)
    np.add.at(steps, start, weight)
    np.subtract.at(steps, stop, weight)
    # what is left of weights that end here is rounding
    weights = np.maximum(np.cumsum(steps)[:-1], 0)
    weights[list(definition.untaught)] = 0.
    return weights


def too_few_strips(definition: ModelDefinition, settings: Settings) -> str:
    """Return one sentence if the mask leaves too few strips, else ""."""
    if settings.mask is None:
        return ""
    if np.asarray(settings.mask, bool).all():
        return "every strip is masked"
    share = valid_share(definition, settings)
    if share >= definition.min_valid_share - _ROUNDING:
        return ""
    return (f"only {share:.1%} of the strips, by their weight in the vote, "
            "are not masked; the model needs "
            f"{definition.min_valid_share:.1%}")


def gate(definition: ModelDefinition | None, settings: Settings) -> float:
    """Return the intensity in force below which a pulse gets no class.

    Raises
    ------
    ValueError
        Where neither settings nor a model have one.
    """
    if settings.min_intensity is not None:
        return settings.min_intensity
    if definition is None:
        raise ValueError("settings without a gate need a model")
    return definition.min_intensity


def saturation_level(definition: ModelDefinition | None,
                     settings: Settings) -> float:
    """Return the raw value in force at which a strip is saturated.

    Raises
    ------
    ValueError
        Where neither settings nor a model have one.
    """
    if settings.saturation_level is not None:
        return settings.saturation_level
    if definition is None:
        raise ValueError("settings without a saturation level need a model")
    return definition.saturation_level

def saturated(train: Train, settings: Settings,
               definition: ModelDefinition) -> NDArray[np.bool_]:
    """Return (P,) bool: whether any valid strip is not below the level.

    What is not finite is for the engine to judge.
    """
    level = saturation_level(definition, settings)
    if level == np.inf:
        return np.zeros(train.pulses, bool)
    above = ~(train.spectra < level) & np.isfinite(train.spectra)
    if settings.mask is not None:
        above &= ~np.asarray(settings.mask, bool)
    return np.logical_or.reduce(above, axis=1)
