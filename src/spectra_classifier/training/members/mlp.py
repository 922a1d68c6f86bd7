"""Members with one hidden layer on whole bins, all bins fitted at once.

N - H - C with ReLU on channels standardised over the training spectra, cross
entropy with classes counting alike, Adam. All bins are one batched
computation; the standardisation is folded into the exported weights.
"""
import numpy as np
import torch
from numpy.typing import NDArray

from ...core.engine.reference_members import mlp_votes
from ...core.model_definition import MlpMembers
from ..options import TrainingOptions
from . import augment
from .fitted import Fitted, Task, Tick

STEPS = 200
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-3
#: spectra of one step at most
BATCH = 256
# spread, relative to the largest, below which a channel counts as dead
_DEAD = 1e-3


def steps(options: TrainingOptions, in_fold: bool) -> int:
    """Number of progress steps of one `fit`."""
    return STEPS


def fit(task: Task, rows: NDArray[np.int64], options: TrainingOptions,
        in_fold: bool, tick: Tick) -> Fitted:
    """Members fitted to the spectra `rows` of a task."""
    torch.set_num_threads(options.threads)
    spectra, labels = augment.with_variants(task, rows, options)
    x = np.stack([spectra[:, start:stop] for start, stop in task.bins])
    mean, width = _standard(x)
    layers = _optimise(
        torch.from_numpy(((x - mean) / width).astype(np.float32)),
        torch.from_numpy(labels), task.classes, options, tick)
    members = _folded(layers, mean, width)

    def votes(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
        return mlp_votes(members, task.bins, spectra)

    return Fitted.on_training(members, votes, spectra, labels)


def _standard(
        x: NDArray[np.float32],
        ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and spread (B, 1, N) of x (B, K, N) per channel."""
    mean = x.mean(axis=1, keepdims=True, dtype=np.float64)
    width = x.std(axis=1, keepdims=True, dtype=np.float64)
    largest = width.max(axis=2, keepdims=True)
    return mean, np.maximum(width, np.where(largest > 0, _DEAD * largest, 1))


def _optimise(x: torch.Tensor, labels: torch.Tensor, classes: int,
              options: TrainingOptions,
              tick: Tick) -> list[NDArray[np.float32]]:
    """[w1 (B, N, H), b1 (B, H), w2 (B, H, C), b2 (B, C)] float32."""
    random = torch.Generator().manual_seed(options.seed)
    bins, count, width = x.shape
    hidden = options.hidden

    def start(fan_in: int, *shape: int) -> torch.Tensor:
        values = 2 * torch.rand(shape, generator=random) - 1
        return (values / fan_in ** 0.5).requires_grad_()

    layers = [start(width, bins, width, hidden), start(width, bins, hidden),
              start(hidden, bins, hidden, classes),
              start(hidden, bins, classes)]
    weight = 1 / torch.bincount(labels, minlength=classes).clamp(min=1)
    adam = torch.optim.Adam(layers, LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for _ in range(STEPS):
        some = (slice(None) if count <= BATCH else torch.multinomial(
            weight[labels], BATCH, generator=random))
        w1, b1, w2, b2 = layers
        deep = torch.relu(torch.baddbmm(b1[:, None], x[:, some], w1))
        logits = torch.baddbmm(b2[:, None], deep, w2)
        loss = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), labels[some].expand(bins, -1),
            weight=weight if count <= BATCH else None)
        adam.zero_grad()
        (bins * loss).backward()
        adam.step()
        tick(float(loss.detach()))
    return [layer.detach().numpy() for layer in layers]


def _folded(layers: list[NDArray[np.float32]], mean: NDArray[np.float64],
            width: NDArray[np.float64]) -> MlpMembers:
    """`MlpMembers` that take the channels as they are."""
    w1, b1, w2, b2 = layers
    scaled = w1 / width.transpose(0, 2, 1)
    shifted = b1 - (mean @ scaled)[:, 0]
    return MlpMembers(*(tuple(part.astype(np.float32) for part in layer)
                        for layer in (scaled, shifted, w2, b2)))
