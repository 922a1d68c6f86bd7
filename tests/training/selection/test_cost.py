"""What a choice costs takes part in it."""
import numpy as np

from spectra_classifier.core.preprocessing.views import View
from spectra_classifier.training.selection import cost, selection
from spectra_classifier.training.selection.candidates import (
    Candidate,
    candidates,
)


def named(*names):
    known = {each.name: each for each in candidates(1280)}
    return [known[name] for name in names]


def judged(candidate, loss):
    return selection.Judged(candidate, (), (), np.zeros(0), 1., loss,
                            np.full(100, loss), None, None)


def test_more_bins_classes_and_views_cost_more():
    one, fifteen = named("slope 15, 1 bin"), named("slope 15, 15 bins")
    base = cost.milliseconds(one, 1280, 2)
    assert base < cost.milliseconds(fifteen, 1280, 2)
    assert base < cost.milliseconds(one, 1280, 5)
    assert base < cost.milliseconds(one + named("snv, 1 bin"), 1280, 2)
    assert cost.milliseconds(one, 1280, 2, pulses=27) < base / 50


def test_a_view_that_is_too_dear_gives_way_to_its_cheaper_bins():
    dear = named("slope 7, 1+5+15 bins", "slope 15, 1+5+15 bins",
                 "snv, 1+5+15 bins", "curvature 15, 1+5+15 bins",
                 "curvature 15, 1 bin")
    assert cost.affordable(dear[:3]) and not cost.affordable(dear[:4])
    chosen = selection.choose(
        [judged(each, 0.1 + 0.01 * k) for k, each in enumerate(dear)], 2,
        cost.affordable)
    names = [each.candidate.name for each in chosen]
    assert names == [dear[k].name for k in (0, 1, 2, 4)]
    assert cost.affordable([each.candidate for each in chosen])


def test_the_best_is_taken_whatever_it_costs():
    wide = Candidate(View("wide", derivative=1, window=901), (400,), False)
    assert not cost.affordable([wide])
    assert len(selection.choose([judged(wide, 0.1)], 2,
                                cost.affordable)) == 1
