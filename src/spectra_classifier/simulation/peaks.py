"""Peak shapes on an axis."""
import numpy as np

#: share of the Lorentzian in a powder diffraction peak of the ramp
LORENTZ_SHARE = 0.35
#: half widths after which the Lorentzian tail is cut by a Gaussian
TAIL_CUT = 12.


def pseudo_voigt(x, position, height, left, right, share=LORENTZ_SHARE):
    """Two-sided pseudo-Voigt: different half widths on the two flanks.

    `x` (channels,); `position`, `height` and the half widths at half maximum
    `left` and `right` are scalars or (n, 1), in units of x. float64,
    (channels,) or (n, channels). The tail is cut at about 12 half widths.
    """
    x = np.asarray(x, np.float64)
    u2 = ((x - position) / np.where(x < position, left, right)) ** 2
    gauss = np.exp(-np.log(2) * u2)
    lorentz = np.exp(-u2 / TAIL_CUT ** 2) / (1 + u2)
    return height * ((1 - share) * gauss + share * lorentz)


def gaussian(x, position, height, sigma):
    """A Gaussian of standard deviation `sigma`, float64."""
    u = (np.asarray(x, np.float64) - position) / sigma
    return height * np.exp(-0.5 * u * u)
