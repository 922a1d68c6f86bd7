"""Making spectra of unequal pulses comparable."""
import numpy as np


def normalise(spectra, kind):
    """(P, n) floating -> the same type: "none", "area" or "snv".

    "area" divides by the mean over channels, "snv" (standard normal variate,
    Barnes and others 1989) subtracts the mean and divides by the population
    standard deviation. A spectrum without area or spread becomes zero: it
    has no shape, and the gate should have kept it out.
    """
    if kind == "none":
        return spectra
    mean = spectra.mean(axis=1, dtype=np.float64, keepdims=True)
    if kind == "area":
        centre, scale = 0., mean
    else:
        centre = mean
        scale = np.sqrt(np.square(spectra - mean).mean(axis=1, keepdims=True))
    usable = scale > 0
    factor = np.divide(1., scale, out=np.zeros_like(mean), where=usable)
    return ((spectra - centre) * factor).astype(spectra.dtype)
