"""Point-wise members trained together: all bins in one batched computation.

The gradient is written out (it is short, and checked against autograd in the
tests), because the hidden layer of one spectrum at a time stays in the
cache: seven times faster than autograd over the full batch, same numbers.
"""
import numpy as np
import torch
from numpy.typing import NDArray

from ...core.model_definition import PointwiseMembers
from ..options import TrainingOptions
from .fitted import Tick

#: ranges of 2theta and of the intensity in the publication
_PUBLISHED_X, _PUBLISHED_Y = (9.5603831, 25.5377), 45.907


class Ensemble:
    """B networks 2 - H - C on the points of their bins.

    Points are the last, contiguous axis.

    Attributes
    ----------
    parameters
        Tensors of float32, (outputs, inputs) as in torch: w1 (B, H, 2),
        b1 (B, H, 1), w2 (B, C, H), b2 (B, C, 1); initialised uniformly within
        1 / sqrt(inputs) as torch does.
    """

    def __init__(self, bins: int, hidden: int, classes: int,
                 generator: torch.Generator) -> None:
        def uniform(shape: tuple[int, ...], inputs: int) -> torch.Tensor:
            bound = inputs ** -0.5
            return torch.empty(shape).uniform_(-bound, bound,
                                               generator=generator)

        self.parameters = [
            uniform((bins, hidden, 2), 2), uniform((bins, hidden, 1), 2),
            uniform((bins, classes, hidden), hidden),
            uniform((bins, classes, 1), hidden)]

    def at_x(self, x: torch.Tensor) -> torch.Tensor:
        """Contribution of x (B, N) to the hidden layer, (B, H, N)."""
        w1, b1, _, _ = self.parameters
        return torch.baddbmm(b1, w1[:, :, :1], x[:, None])

    def forward(self, at_x: torch.Tensor, y: torch.Tensor,
                hidden: torch.Tensor) -> torch.Tensor:
        """Logits (B, C, N) of one spectrum y (B, N); fills `hidden`."""
        w1, _, w2, b2 = self.parameters
        torch.addcmul(at_x, w1[:, :, 1:], y[:, None], out=hidden)
        return torch.baddbmm(b2, w2, hidden.relu_())

    def gradient(self, x: torch.Tensor, y: torch.Tensor, labels: list[int],
                 weights: list[float]) -> torch.Tensor:
        """Set .grad of the parameters.

        The loss of a bin is the mean over its points of the cross entropy,
        averaged over the spectra with `weights`.

        Parameters
        ----------
        x : (B, N)
            Positions.
        y : (K, B, N)
            Intensities.
        labels, weights
            Class index and weight of each of the K spectra; weights sum to 1.

        Returns
        -------
        (B,)
            Loss.
        """
        bins, points = x.shape
        gradients = [torch.zeros_like(p) for p in self.parameters]
        of_w1, of_b1, of_w2, of_b2 = gradients
        w2 = self.parameters[2].transpose(1, 2).contiguous()
        at_x = self.at_x(x)
        hidden, back = torch.empty_like(at_x), torch.empty_like(at_x)
        inputs = torch.stack([x, torch.empty_like(x), torch.ones_like(x)], 2)
        loss = torch.zeros(bins)
        for spectrum, label, weight in zip(y, labels, weights, strict=True):
            logits = self.forward(at_x, spectrum, hidden)
            log_p = torch.log_softmax(logits, 1)
            scale = weight / points
            loss -= scale * log_p[:, label].sum(1)
            error = log_p.exp_()
            error[:, label] -= 1
            error *= scale
            of_b2 += error.sum(2, keepdim=True)
            of_w2 += torch.bmm(error, hidden.transpose(1, 2))
            torch.bmm(w2, error, out=back)
            torch.ops.aten.threshold_backward.grad_input(
                back, hidden, 0, grad_input=back)
            inputs[:, :, 1] = spectrum
            of_inputs = torch.bmm(back, inputs)
            of_w1 += of_inputs[:, :, :2]
            of_b1 += of_inputs[:, :, 2:]
        for parameter, gradient in zip(self.parameters, gradients,
                                       strict=True):
            parameter.grad = gradient
        return loss

    def votes(self, x: torch.Tensor, y: torch.Tensor) -> NDArray[np.float32]:
        """Points of each bin that are given to each class, (K, B, C)."""
        classes = self.parameters[3].shape[1]
        at_x = self.at_x(x)
        hidden = torch.empty_like(at_x)
        counts = [torch.nn.functional.one_hot(
            self.forward(at_x, spectrum, hidden).argmax(1), classes).sum(1)
            for spectrum in y]
        return torch.stack(counts).float().numpy()


class Scaling:
    """Linear maps of x and y of every bin, to fold into the first layer."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float32],
                 kind: str) -> None:
        bins = len(x)
        zero, one = np.zeros((bins, 1)), np.ones((bins, 1))
        self.x: tuple[NDArray[np.floating], NDArray[np.floating]] = zero, one
        self.y: tuple[NDArray[np.floating], NDArray[np.floating]] = zero, one
        if kind == "published":
            low, high = _PUBLISHED_X
            step = (x.max() - x.min()) / (high - low)
            self.x = x.min() - low * step + zero, step * one
            self.y = zero, one * np.abs(y).max() / _PUBLISHED_Y
        elif kind == "standardised":
            self.x = x.mean(1, keepdims=True), x.std(1, keepdims=True)
            self.y = (y.mean((0, 2))[:, None], y.std((0, 2))[:, None])
        self.x, self.y = ((centre, np.where(scale > 0, scale, 1))
                          for centre, scale in (self.x, self.y))

    def apply(self, x: NDArray[np.float64],
              y: NDArray[np.float32]) -> tuple[torch.Tensor, torch.Tensor]:
        """Scaled float32 tensors of x (B, N) and y (K, B, N)."""
        return (torch.from_numpy(((x - self.x[0]) / self.x[1]).astype("f4")),
                torch.from_numpy(((y - self.y[0]) / self.y[1]).astype("f4")))

    def fold(self, ensemble: Ensemble) -> PointwiseMembers:
        """`PointwiseMembers` on raw x and preprocessed y."""
        w1, b1, w2, b2 = (p.numpy().astype(np.float64).swapaxes(1, 2)
                          for p in ensemble.parameters)
        b1, b2 = b1[:, 0], b2[:, 0]
        w1 = w1 / np.stack([self.x[1], self.y[1]], 1)
        b1 = b1 - w1[:, 0] * self.x[0] - w1[:, 1] * self.y[0]
        return PointwiseMembers(*(a.astype(np.float32)
                                  for a in (w1, b1, w2, b2)))


def optimise(
        ensemble: Ensemble, x: torch.Tensor, y: torch.Tensor,
        labels: NDArray[np.int64], classes: int, options: TrainingOptions,
        epochs: int, max_points: int, seed: int,
        progress: Tick) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Adam on all bins at once.

    Classes count alike whatever their number of spectra.

    Parameters
    ----------
    x : (B, N)
        Scaled positions.
    y : (K, B, N)
        Scaled intensities.
    labels : (K,)
        Class indices.
    max_points
        Points per bin and step; more: a random choice of spectra in every
        step.
    progress
        Called with the loss in every epoch; an exception that it raises ends
        the training.

    Returns
    -------
    accuracy, loss : (B,)
        On the training spectra, right before the last step.
    """
    random = np.random.default_rng(seed)
    optimiser = torch.optim.Adam(
        ensemble.parameters, lr=options.learning_rate,
        weight_decay=options.weight_decay)
    everything = np.arange(len(y))
    at_once = max(max_points // x.shape[1], classes)
    for epoch in range(epochs):
        rows = (everything if len(y) <= at_once
                else _draw(labels, classes, at_once, random))
        weights = _balance(labels[rows], classes)
        loss = ensemble.gradient(x, y[rows], labels[rows].tolist(),
                                 weights.tolist())
        if epoch == epochs - 1:
            accuracy = _accuracy(ensemble.votes(x, y), labels, classes)
        optimiser.step()
        progress(float(loss.mean()))
    return accuracy, loss.numpy().astype(np.float64)


def _accuracy(votes: NDArray[np.float32], labels: NDArray[np.int64],
              classes: int) -> NDArray[np.float64]:
    """Share of right points of each bin, classes counting alike, (B,)."""
    right = votes[np.arange(len(labels)), :, labels] / votes.sum(axis=2)
    # weights that sum to 1 but for rounding: no share is above 1
    return np.minimum(_balance(labels, classes) @ right.astype(np.float64),
                      1)


def _balance(labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Weight of each spectrum, equal for every class there is; sums to 1."""
    count = np.bincount(labels, minlength=classes)
    return 1 / (count[labels] * np.count_nonzero(count))


def _draw(labels: NDArray[np.int64], classes: int, number: int,
          random: np.random.Generator) -> NDArray[np.int64]:
    """`number` rows or a few less, equally many of every class."""
    each = number // classes
    return np.concatenate([random.choice(
        np.flatnonzero(labels == c), each,
        replace=bool(np.count_nonzero(labels == c) < each))
        for c in range(classes)])
