"""What a button in the table of bins does."""
import numpy as np

from ..errors import ConfigurationError


def switched(selected, definition, number):
    """Bin numbers to select when one bin is switched; () for the own choice.

    `selected`: the present selection, empty for the model's own choice.
    Raises `ConfigurationError` for the last bin and for one that is not.
    """
    if not 0 <= number < len(definition.bins):
        raise ConfigurationError(f"there is no bin {number}: the table is "
                                 "of another model")
    own = set(np.flatnonzero(definition.weights > 0).tolist())
    chosen = (set(selected) or own) ^ {number}
    if not any(definition.weights[list(chosen)] > 0) if chosen else True:
        raise ConfigurationError(
            f"bin {number} is the last one with a vote: give another one a "
            "vote first")
    return () if chosen == own else tuple(sorted(chosen))
