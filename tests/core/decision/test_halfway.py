from itertools import accumulate
from math import inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.decision.halfway import LIMIT, halfway

SHOWN = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)),
                 min_size=1, max_size=7)


def likelihood(shown, levels):
    """Largest log-likelihood of rising shares among `levels`."""
    best = [0.] * len(levels)
    for old, new in shown:
        best = [before + (old * log(1 - level) if old and level < 1
                          else -inf if old else 0)
                + (new * log(level) if new and level > 0
                   else -inf if new else 0)
                for before, level in zip(accumulate(best, max), levels,
                                         strict=True)]
    return max(best)


@given(SHOWN)
def test_the_trains_are_those_that_no_ratio_of_likelihoods_excludes(shown):
    """Against all rising sequences of the shares that can be the best."""
    levels = sorted({0.5, *(
        sum(new for _, new in part) / total
        for start in range(len(shown)) for stop in range(start, len(shown))
        if (total := sum(map(sum, part := shown[start:stop + 1]))))})
    low, high = ([level for level in levels if level <= 0.5],
                 [level for level in levels if level >= 0.5])
    fits = [likelihood(shown[:train], low) + likelihood(shown[train:], high)
            for train in range(len(shown) + 1)]
    first, last = halfway(shown)
    assert 0 <= first <= last <= len(shown)
    certain = [train for train, fit in enumerate(fits)
               if fit > max(fits) - LIMIT / 2 + 1e-6]
    assert first <= certain[0]
    assert certain[-1] <= last
    # wider only where trains are spread by more than their pulses tell
    assert fits[first] > -inf < fits[last]


def test_it_is_one_train_where_all_pulses_change_at_once():
    assert halfway([(20, 0)] * 9 + [(0, 20)] * 9) == (9, 9)
    assert halfway([(18, 2)] * 9 + [(1, 19)] * 9) == (9, 9)


def test_nothing_is_said_by_trains_that_show_neither():
    assert halfway([(20, 0)] * 3 + [(0, 0)] * 5 + [(0, 20)]) == (3, 8)


def test_wrong_trains_widen_it():
    """A train of which all labels are wrong belongs to no change."""
    right = [(20, 0)] * 9 + [(0, 20)] * 9
    wrong = [*right[:6], (0, 20), *right[7:]]
    first, last = halfway(wrong)
    assert first <= 9 <= last
    assert last - first <= 7


@pytest.mark.parametrize(("takes", "wrong"), [
    (1, 0.), (1, 0.1), (10, 0.1), (50, 0.), (50, 0.1), (50, 0.2)])
def test_it_holds_the_half_of_95_percent_of_the_changes(takes, wrong):
    random, held = np.random.default_rng((59101, takes, int(100 * wrong))), []
    for _ in range(400):
        share = np.clip((np.arange(120) - random.uniform(50, 60)) / takes,
                        0, 1)
        new = random.binomial(40, wrong + (1 - 2 * wrong) * share)
        first, last = halfway(list(zip((40 - new).tolist(), new.tolist(),
                                       strict=True)))
        held.append(first <= np.argmax(share >= 0.5) <= last)
    # 95 % within three standard errors
    assert np.mean(held) > 0.917
