"""Peak shapes on an axis."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

#: one peak, or several as (n, 1)
type Parameter = float | NDArray[np.float64]

#: share of the Lorentzian in a powder diffraction peak of the ramp
LORENTZ_SHARE = 0.35
#: half widths after which the Lorentzian tail is cut by a Gaussian
TAIL_CUT = 12.


def pseudo_voigt(x: ArrayLike, position: Parameter, height: Parameter,
                 left: Parameter, right: Parameter,
                 share: float = LORENTZ_SHARE) -> NDArray[np.float64]:
    """Two-sided pseudo-Voigt: different half widths on the two flanks.

    The tail is cut at about 12 half widths.

    Parameters
    ----------
    x
        (channels,)
    position, height
        Scalars or (n, 1).
    left, right
        Half widths at half maximum in units of x, scalars or (n, 1).
    share
        Share of the Lorentzian.

    Returns
    -------
    NDArray
        (channels,) or (n, channels)
    """
    x = np.asarray(x, np.float64)
    u2 = ((x - position) / np.where(x < position, left, right)) ** 2
    gauss = np.exp(-np.log(2) * u2)
    lorentz = np.exp(-u2 / TAIL_CUT ** 2) / (1 + u2)
    return height * ((1 - share) * gauss + share * lorentz)


def gaussian(x: ArrayLike, position: Parameter, height: Parameter,
             sigma: Parameter) -> NDArray[np.float64]:
    """A Gaussian of standard deviation `sigma`."""
    u = (np.asarray(x, np.float64) - position) / sigma
    return height * np.exp(-0.5 * u * u)
