"""Point-wise and whole-bin reference evaluation, by other formulas."""
import numpy as np
import pytest
from small_models import linear_members, pointwise_members

from spectra_classifier.core.engine import reference_members
from spectra_classifier.core.model_definition import (
    MlpMembers,
    PointwiseMembers,
)

BINS = ((0, 10), (10, 20), (20, 30))


def test_points_one_by_one():
    members = pointwise_members(classes=3)
    spectra = np.random.default_rng(1).normal(size=(20, 30))
    votes = reference_members.votes(members, np.arange(30.), BINS, spectra)
    expected = np.zeros_like(votes)
    for p in range(20):
        for b, (start, stop) in enumerate(BINS):
            for i in range(start, stop):
                hidden = [max(0., i * float(members.w1[b, 0, h])
                              + spectra[p, i] * float(members.w1[b, 1, h])
                              + float(members.b1[b, h])) for h in range(8)]
                logits = [sum(hidden[h] * float(members.w2[b, h, c])
                              for h in range(8)) + float(members.b2[b, c])
                          for c in range(3)]
                expected[p, b, logits.index(max(logits))] += 1
    assert (votes == expected).all()


def test_a_tie_of_logits_goes_to_the_first_class():
    zero = np.zeros((1, 2, 4), np.float32)
    members = PointwiseMembers(zero, zero[:, 0], zero.transpose(0, 2, 1),
                               np.zeros((1, 2), np.float32))
    votes = reference_members.votes(members, np.arange(5.), ((0, 5),),
                            np.ones((1, 5)))
    assert votes[0, 0].tolist() == [5, 0]


def test_linear_votes_are_probabilities():
    members = linear_members(BINS, classes=3)
    spectra = np.random.default_rng(1).normal(size=(4, 30))
    votes = reference_members.linear_votes(members, BINS, spectra)
    assert votes.sum(axis=2) == pytest.approx(1, abs=1e-6)
    logits = members.coef[1] @ spectra[2, 10:20] + members.intercept[1]
    assert votes[2, 1].argmax() == logits.argmax()


def test_mlp_with_one_open_unit_is_linear():
    w1 = np.zeros((10, 1), np.float32)
    w1[3] = 2
    members = MlpMembers((w1,), (np.float32([1.]),),
                         (np.float32([[0., 1.]]),), (np.float32([0., 0.]),))
    spectra = np.zeros((1, 10))
    spectra[0, 3] = 1.
    votes = reference_members.mlp_votes(members, ((0, 10),), spectra)
    assert votes[0, 0, 1] == pytest.approx(1 / (1 + np.exp(-3)))


def test_softmax_survives_large_logits():
    assert reference_members.softmax([1e4, -1e4]) == pytest.approx([1., 0.])
