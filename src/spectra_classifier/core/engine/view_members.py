"""Linear members on views of a spectrum, evaluated in float64: the reference.

With them the distance of its texture, of the features that they see.
"""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..bins import Bins
from ..model_definition import ViewMembers
from ..preprocessing.views import apply_view
from .labels import softmax


def votes(members: ViewMembers, bins: Bins,
          spectra: ArrayLike) -> NDArray[np.float32]:
    """Return the class probabilities (P, B, C) of each bin."""
    return evaluate(members, bins, spectra)[0]


def evaluate(members: ViewMembers, bins: Bins, spectra: ArrayLike,
             ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the class probabilities of each bin, and the texture distance.

    Parameters
    ----------
    spectra
        (P, n) preprocessed.

    Returns
    -------
    votes
        (P, B, C).
    distance
        (P,) NaN without textures.
    """
    spectra = np.asarray(spectra)
    result = np.empty((len(spectra), len(bins), members.intercept.shape[1]),
                      np.float32)
    texture = members.texture
    distance = np.full(len(spectra), np.nan, np.float32)
    for number, view in enumerate(members.views):
        mine = [b for b, v in enumerate(members.view_of) if v == number]
        if not mine:
            continue
        seen = apply_view(view, spectra)
        for b in mine:
            columns = seen[:, view.columns(*bins[b])]
            result[:, b] = softmax(
                columns @ np.asarray(members.coef[b], np.float64).T
                + members.intercept[b])
        if texture is not None and texture.view == number:
            distance = texture.distance(seen)
    return result, distance
