"""How far the texture of a spectrum lies from those of the taught states.

The residual compares levels with class means, and a spiky spectrum has none
of them: of a single self-amplified shot most is left, whatever its spikes.
What is taught of it is its texture. So models with members on a texture view
also compare its features f with each class c,

    z_c = coef_c f + intercept_c,   distance = min_c |z_c|

where coef_c and intercept_c make the features of class c uncorrelated, of
mean 0 and of one spread: the distance of P. Mahalanobis, Proc. Natl. Inst.
Sci. India 2, 49, 1936.
"""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..preprocessing.texture import PER_PART
from ..preprocessing.views import View


@dataclass(frozen=True, eq=False)
class Texture:
    """Textures of the taught states.

    Attributes
    ----------
    view
        Number of the view of the members that is compared.
    coef, intercept
        (C, F, F), (C, F) for F features, float32.

    Raises
    ------
    InputError
        For shapes that do not fit, and values that are not finite.
    """
    view: int
    coef: NDArray[np.float32]
    intercept: NDArray[np.float32]

    def __post_init__(self) -> None:
        shape = np.shape(self.intercept)
        if len(shape) != 2 or np.shape(self.coef) != (*shape, shape[-1]):
            raise InputError(f"textures of shapes {np.shape(self.coef)} and "
                             f"{shape}: expected (C, F, F) and (C, F)")
        if not (np.isfinite(self.coef).all()
                and np.isfinite(self.intercept).all()):
            raise InputError("a texture holds a value that is not finite")

    def check(self, views: Sequence[View], classes: int) -> None:
        """Raise `InputError` where it does not fit views and classes."""
        if not (0 <= self.view < len(views)
                and not views[self.view].linear):
            raise InputError(f"textures on view {self.view}, which is no "
                             f"texture view of the {len(views)}")
        expected = classes, views[self.view].parts * PER_PART
        if self.intercept.shape != expected:
            raise InputError(f"textures of shape {self.intercept.shape}, "
                             f"expected {expected}")

    def distance(self, features: NDArray[np.floating],
                 ) -> NDArray[np.float32]:
        """Return the distance (P,) of features (P, F) from the nearest."""
        nearest = np.full(len(features), np.inf)
        for coef, intercept in zip(self.coef, self.intercept, strict=True):
            steps = features @ coef.T.astype(np.float64) + intercept
            # a distance that is not a number stays none
            nearest = np.minimum(nearest, np.square(steps).sum(axis=1))
        return np.sqrt(nearest).astype(np.float32)
