"""Convolution and interval classifiers on exported splits.

aeon does not install beside Karabo, so it has an environment of its own;
`peers.py` exports the splits, starts this file there and reads what it
writes:

    python aeon_peers.py FOLDER PEER ...  (every *.npz in it -> *.json)
"""
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from aeon.classification.convolution_based import (
    MiniRocketClassifier,
    MultiRocketHydraClassifier,
)
from aeon.classification.interval_based import QUANTClassifier

PEERS = {"MiniRocket": MiniRocketClassifier,
         "MultiRocket-Hydra": MultiRocketHydraClassifier,
         "QUANT": QUANTClassifier}


def predict(split, peer, seed=0):
    """{"labels" of the test spectra, "seconds_per_spectrum", ...}."""
    started = time.process_time()
    model = PEERS[peer](random_state=seed)
    model.fit(split["train"][:, None], split["train_labels"])
    trained = time.process_time()
    labels = model.predict(split["test"][:, None])
    return {"labels": labels.tolist(), "training_seconds": trained - started,
            "seconds_per_spectrum": (time.process_time() - trained)
            / len(labels)}


def main(folder, *wanted):
    warnings.simplefilter("ignore")
    for path in sorted(Path(folder).glob("*.npz")):
        target = path.with_suffix(".json")
        found = json.loads(target.read_text()) if target.is_file() else {}
        split = {key: value.astype(np.float32) if value.dtype.kind == "f"
                 else value for key, value in np.load(path).items()}
        for peer in wanted:
            if peer not in found:
                found[peer] = predict(split, peer)
                target.write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
