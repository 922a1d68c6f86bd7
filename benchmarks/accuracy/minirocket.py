"""MiniRocket with a ridge head on exported splits, in its own environment.

aeon does not install beside Karabo; `peers.py` exports the splits, starts
this file with the interpreter of `.venv-aeon` and reads what it writes:

    python minirocket.py FOLDER    (every *.npz in it -> *.json beside it)
"""
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from aeon.transformations.collection.convolution_based import MiniRocket
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def predict(split, seed):
    """(labels of the test spectra, seconds per test spectrum)."""
    transform = MiniRocket(n_kernels=10_000, random_state=seed, n_jobs=1)
    train = transform.fit_transform(split["train"][:, None])
    head = make_pipeline(StandardScaler(with_mean=False), RidgeClassifierCV(
        alphas=np.logspace(-3, 3, 10)))
    head.fit(train, split["train_labels"])
    started = time.process_time()
    labels = head.predict(transform.transform(split["test"][:, None]))
    return labels, (time.process_time() - started) / len(labels)


def main(folder):
    warnings.simplefilter("ignore")
    for path in sorted(Path(folder).glob("*.npz")):
        split = {key: value.astype(np.float32) if value.dtype.kind == "f"
                 else value for key, value in np.load(path).items()}
        found = [predict(split, seed) for seed in range(3)]
        path.with_suffix(".json").write_text(json.dumps({
            "labels": [labels.tolist() for labels, _ in found],
            "seconds_per_spectrum": min(s for _, s in found)}))


if __name__ == "__main__":
    main(sys.argv[1])
