"""The written-out gradient and the folding against torch itself."""
import numpy as np
import pytest
import torch

from spectra_classifier.core.engine import reference_members
from spectra_classifier.training.members import pointwise_network
from spectra_classifier.training.options import TrainingOptions

BINS, HIDDEN, POINTS = 3, 8, 5


def made(classes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    ensemble = pointwise_network.Ensemble(BINS, HIDDEN, classes, generator)
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(9, 25, (BINS, POINTS)), axis=1)
    y = random.uniform(-1, 40, (7, BINS, POINTS))
    return ensemble, x, y, np.arange(7) % classes


def reference_loss(parameters, x, y, labels, weights):
    """Mean cross entropy of each bin, by torch's own layers."""
    w1, b1, w2, b2 = parameters
    points = torch.stack([x.expand(y.shape), y], -1)
    hidden = torch.relu(torch.einsum("kbni,bhi->kbnh", points, w1)
                        + b1.transpose(1, 2))
    logits = (torch.einsum("kbnh,bch->kbnc", hidden, w2)
              + b2.transpose(1, 2))
    losses = torch.nn.functional.cross_entropy(
        logits.flatten(0, 2), labels.repeat_interleave(BINS * POINTS),
        reduction="none").reshape(y.shape)
    return (losses.mean(2) * weights[:, None]).sum(0)


@pytest.mark.parametrize("classes", [2, 3])
def test_gradient_equals_autograd(classes):
    ensemble, x, y, labels = made(classes)
    x, y = torch.from_numpy(x).float(), torch.from_numpy(y).float()
    weights = torch.linspace(1, 2, 7) / 10.5
    loss = ensemble.gradient(x, y, labels.tolist(), weights.tolist())
    copies = [p.clone().requires_grad_() for p in ensemble.parameters]
    expected = reference_loss(copies, x, y, torch.from_numpy(labels), weights)
    expected.sum().backward()
    torch.testing.assert_close(loss, expected.detach(), rtol=1e-5, atol=1e-5)
    for ours, theirs in zip(ensemble.parameters, copies, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4,
                                   atol=1e-4)


def test_initial_values_are_those_of_torch_layers():
    ensemble = pointwise_network.Ensemble(200, 150, 2, torch.Generator())
    w1, b1, w2, b2 = ensemble.parameters
    layers = [torch.nn.Linear(2, 150), torch.nn.Linear(150, 2)]
    for ours, theirs in ((w1, layers[0].weight), (b1, layers[0].bias),
                         (w2, layers[1].weight), (b2, layers[1].bias)):
        assert ours.std() == pytest.approx(
            float(ours.abs().max()) / 3 ** 0.5, rel=0.1)    # uniform
        assert ours.abs().max() >= theirs.abs().max() * 0.95


@pytest.mark.parametrize("kind", ["none", "published", "standardised"])
def test_folded_members_vote_as_the_network_they_came_from(kind):
    ensemble, x, y, _ = made(3)
    scaling = pointwise_network.Scaling(x, y, kind)
    votes = ensemble.votes(*scaling.apply(x, y))
    members = scaling.fold(ensemble)
    bins = tuple((b * POINTS, (b + 1) * POINTS) for b in range(BINS))
    folded = reference_members.votes(members, x.ravel(), bins,
                             y.reshape(len(y), -1))
    assert np.abs(votes - folded).sum() / 2 <= 1


def test_published_scaling_maps_to_the_published_ranges():
    _, x, y, _ = made(2)
    x, y = pointwise_network.Scaling(x, y, "published").apply(x, y)
    assert float(x.min()) == pytest.approx(9.5603831)
    assert float(x.max()) == pytest.approx(25.5377)
    assert float(y.abs().max()) == pytest.approx(45.907)


def test_standardised_scaling_of_a_flat_bin_stays_finite():
    x, y = np.ones((1, 4)), np.full((3, 1, 4), 7.)
    x, y = pointwise_network.Scaling(x, y, "standardised").apply(x, y)
    assert torch.isfinite(x).all() and (y == 0).all()


def test_every_class_weighs_the_same():
    weights = pointwise_network._balance(np.array([0, 0, 0, 2]), 3)
    np.testing.assert_allclose(weights, [1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_steps_with_a_random_choice_still_learn():
    ensemble, x, y, _ = made(2)
    y = np.tile(y, (20, 1, 1))
    labels = np.arange(len(y)) % 2
    y[labels == 1] += 60
    scaling = pointwise_network.Scaling(x, y, "standardised")
    accuracy, loss = pointwise_network.optimise(
        ensemble, *scaling.apply(x, y), labels, 2, TrainingOptions(),
        epochs=60, max_points=4 * POINTS, seed=0, progress=lambda loss: None)
    assert (accuracy > 0.95).all() and (loss < 0.2).all()
