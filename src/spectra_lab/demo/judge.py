"""What simple means would have made of the same pulses."""
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from spectra_classifier.core.evaluation import simple_references

from .summary import eligible

#: trains at most, evenly chosen: enough for any accuracy
TRAINS = 300
WORKERS = 2


def judge(fitted, source, results, truths):
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

    def one(pair):
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
