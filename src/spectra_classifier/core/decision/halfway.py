"""Between which trains half of a change happened, with 95 % confidence.

A pulse shows the old or the new class, and with a wrong label the other one.
Of the change it is assumed only that the share of the new class does not
fall. The likelihood that a train is the first past one half is that of the
best rising shares that are at most one half before it and at least one half
from it on (M. Ayer et al., Ann. Math. Stat. 26, 641, 1955). Twice the
logarithm of its ratio to the largest one has a distribution that depends
neither on the form of the change nor on its duration (M. Banerjee,
J. A. Wellner, Ann. Stat. 29, 1699, 2001). Where pulses of one train are wrong
together, that logarithm is divided by the excess of their spread.
"""
from collections.abc import Sequence
from math import log
from typing import NamedTuple

#: pulses of one train that show the old class, and the new one
type Shown = tuple[int, int]
#: 95 % quantile of twice the logarithm of the ratio
LIMIT = 2.286
#: share of either class from which on a train counts as amid the change
MIXED = 0.25


class _Block(NamedTuple):
    """Neighbouring trains of one share.

    `fit`: log-likelihood of them and of all before, shares being at most one
    half.
    """
    old: int
    new: int
    trains: int
    fit: float


def halfway(shown: Sequence[Shown]) -> tuple[int, int]:
    """Return the first and the last train that may be the first past one half.

    Parameters
    ----------
    shown
        Of every train; (0, 0) where it shows neither class.

    Returns
    -------
    first, last
        Indices; the number of trains means a later train.
    """
    before, blocks = _rising(shown)
    after, _ = _rising([(new, old) for old, new in reversed(shown)])
    fits = [left + right for left, right
            in zip(before, reversed(after), strict=True)]
    least = max(fits) - LIMIT / 2 * _excess(shown, blocks)
    possible = [train for train, fit in enumerate(fits) if fit >= least]
    return possible[0], possible[-1]


def _rising(shown: Sequence[Shown]) -> tuple[list[float], list[_Block]]:
    """Log-likelihoods (N + 1) of the first trains at rising shares of at most
    one half, and the blocks of all of them without that limit.
    """
    fits, blocks = [0.], list[_Block]()
    for old, new in shown:
        trains = 1
        while blocks and (blocks[-1].new * (old + new)
                          >= new * (blocks[-1].old + blocks[-1].new)):
            last = blocks.pop()
            old, new = old + last.old, new + last.new
            trains += last.trains
        before = blocks[-1].fit if blocks else 0.
        blocks.append(_Block(old, new, trains, before + _fit(old, new)))
        fits.append(blocks[-1].fit)
    return fits, blocks


def _fit(old: int, new: int) -> float:
    """Log-likelihood of a block, its share being at most one half."""
    total = old + new
    if new >= old:
        return -total * log(2)
    return old * log(old / total) + (new * log(new / total) if new else 0.)


def _excess(shown: Sequence[Shown], blocks: list[_Block]) -> float:
    """Square of the spread of trains about their blocks, 1 at least, in units
    of that of single pulses; of the trains amid the change.
    """
    trains, spread, freedom = iter(shown), 0., 0
    for block in blocks:
        mine = [next(trains) for _ in range(block.trains)]
        if not MIXED < block.new / max(block.old + block.new, 1) < 1 - MIXED:
            continue
        found = [(new * block.old - old * block.new) ** 2
                 / ((old + new) * block.old * block.new)
                 for old, new in mine if old + new]
        spread += sum(found)
        freedom += len(found) - 1
    return max(spread / freedom, 1.) if freedom else 1.
