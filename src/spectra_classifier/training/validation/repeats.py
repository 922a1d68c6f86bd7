"""Does the difference between the classes repeat, beyond that of captures?

For few captures, where too few other assignments of captures to classes are
possible (`null_tests`): the analysis of variance of the capture means.
Captures of one class show how much the instrument changes by itself;
the classes must differ by more. If drift moves the captures independently
and about normally, the ratio F of the two mean squares exceeds the quantile
of Fisher's distribution in no more than the stated share of cases: exactly
so for drift along one direction, more rarely for any other, whose parts
average out. A steady drift appears between captures of one class, where the
classes are taken in turn.
"""
import numpy as np
from numpy.typing import NDArray

#: chance of a false alarm above which nothing counts as established; smaller
#: than that of assignments, as drift need not be normal
LEVEL = 0.02
# points of the integral of Fisher's distribution: good to 1e-6
_POINTS = 4001


def test(spectra: NDArray[np.floating], capture: NDArray[np.int64],
         labels: NDArray[np.int64]) -> tuple[float, float]:
    """F and its probability p, from spectra as the classifiers use them.

    Parameters
    ----------
    spectra : (N, n)
        Preprocessed spectra or a view of them.
    capture : (N,)
        Capture of each spectrum, 0 ... K - 1.
    labels : (K,)
        Class index of each capture.

    Returns
    -------
    f, p
        NaN where no class has two captures.
    """
    return ratio(_means(spectra, capture, len(labels)), labels)


def jump(spectra: NDArray[np.floating], capture: NDArray[np.int64],
         order: NDArray[np.int64],
         labels: NDArray[np.int64]) -> tuple[float, float]:
    """F and p of steps from class to class, among those within a class.

    For captures that may have been taken class by class: a drift that
    wanders, or is steady, makes steps of one kind, and those between two
    classes have to differ from them.

    Parameters
    ----------
    spectra, capture, labels
        As in `test`.
    order : (K,)
        Captures in the order in which they may have been taken.

    Returns
    -------
    f, p
        NaN where there are too few steps.
    """
    steps = np.diff(_means(spectra, capture, len(labels))[order], axis=0)
    change = (np.diff(labels[order]) != 0).astype(np.int64)
    return ratio(steps, change)


def _means(spectra: NDArray[np.floating], capture: NDArray[np.int64],
           count: int) -> NDArray[np.float64]:
    return np.stack([spectra[capture == c].mean(axis=0, dtype=np.float64)
                     for c in range(count)])


def ratio(means: NDArray[np.float64],
          classes: NDArray[np.int64]) -> tuple[float, float]:
    """F and its probability p.

    Parameters
    ----------
    means : (K, n)
        Mean spectra of captures.
    classes : (K,)
        Their class indices.
    """
    names, place, count = np.unique(classes, return_inverse=True,
                                    return_counts=True)
    within_degrees = len(means) - len(names)
    if within_degrees < 1 or len(names) < 2:
        return np.nan, np.nan
    centres = np.stack([means[place == c].mean(axis=0)
                        for c in range(len(names))])
    between = count @ np.square(centres - means.mean(axis=0)).sum(axis=1)
    within = np.square(means - centres[place]).sum()
    if within == 0:
        return np.nan, np.nan
    f = (between / (len(names) - 1)) / (within / within_degrees)
    return float(f), float(exceeds(f, len(names) - 1, within_degrees))


def exceeds(f: float, above: int, below: int) -> float:
    """Probability that Fisher's F exceeds `f`.

    With tan(t) = sqrt(below / (above F)) its density is that of
    sin(t)^(below - 1) cos(t)^(above - 1), which a sum integrates well.

    Parameters
    ----------
    above, below
        Degrees of freedom of numerator and denominator.
    """
    def area(end: float) -> float:
        t = np.linspace(0, end, _POINTS)
        return float(np.trapezoid(np.sin(t) ** (below - 1)
                                  * np.cos(t) ** (above - 1), t))

    if not f > 0:
        return 1.
    return (area(float(np.arctan(np.sqrt(below / (above * f)))))
            / area(np.pi / 2))
