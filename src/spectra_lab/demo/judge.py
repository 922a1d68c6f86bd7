"""What simple means would have made of the same pulses."""
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from spectra_classifier.core.evaluation import simple_references

from .records import Result, Truth
from .summary import eligible

#: trains at most, evenly chosen: enough for any accuracy
TRAINS = 300
WORKERS = 2


class Known(Protocol):
    """A source whose trains can be had once more.

    `margin`: trains from a change of the sample that are not judged;
    `training_spectra`: numbers of spectra that the model was trained on.
    """

    @property
    def margin(self) -> int: ...

    @property
    def training_spectra(self) -> frozenset[int]: ...

    def spectra(self, truth: Truth) -> NDArray[
            np.uint16 | np.float32 | np.float64]:
        """(P, channels), as the source has them."""


def judge(fitted: simple_references.References | None, source: Known,
          results: Sequence[Result],
          truths: Mapping[int, Truth]) -> dict[str, float]:
    """{"accuracy_<yardstick>": share or None, "yardstick_trains": number}.

    `fitted`: the yardsticks in the manifest of the model, or None; `source`:
    the source setup, whose `spectra(truth)` gives a train again. Judged are
    the pulses that `summary.accuracy` judges.
    """
    if not fitted:
        return {}
    judged = [(result, truths[result.train_id]) for result in results
              if result.train_id in truths
              and truths[result.train_id].distance >= source.margin]
    step = -(-len(judged) // TRAINS) or 1
    judged = judged[::step]
    left_out = np.array(sorted(source.training_spectra), np.int64)

    def one(pair: tuple[Result, Truth]) -> tuple[int, dict[str, int]]:
        result, truth = pair
        counts = eligible(result.label) & (truth.label >= 0)
        counts &= ~np.isin(truth.spectrum, left_out)
        if not counts.any():
            return 0, {}
        labels = simple_references.predict(
            fitted, source.spectra(truth)[counts]
        )
        return int(counts.sum()), {
            name: int((label == truth.label[counts]).sum())
            for name, label in labels.items()}

    with ThreadPoolExecutor(WORKERS) as pool:
        counted = list(pool.map(one, judged))
    total = sum(count for count, _ in counted)
    names = {name for _, hits in counted for name in hits}
    return {f"accuracy_{name}": sum(
        hits.get(name, 0) for _, hits in counted) / total
        for name in sorted(names)} | {"yardstick_trains": len(judged)}
