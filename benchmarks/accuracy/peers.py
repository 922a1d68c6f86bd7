"""Peers on the same splits: simple classifiers, and those of aeon by files."""
import json
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
from sets import for_peers
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

AEON = Path(__file__).parents[2] / ".venv-aeon" / "bin" / "python"

#: peers of the environment `AEON`
CONVOLUTIONS = ("MiniRocket", "MultiRocket-Hydra", "QUANT")
SIMPLE = {
    "1-NN": lambda: KNeighborsClassifier(1),
    "logistic": lambda: make_pipeline(
        StandardScaler(), LogisticRegression(C=1., max_iter=500)),
    "LDA": lambda: LinearDiscriminantAnalysis(solver="lsqr",
                                              shrinkage="auto"),
    "ridge": lambda: make_pipeline(
        StandardScaler(), RidgeClassifierCV(np.logspace(-3, 3, 13)))}


def fitted(split):
    """Yield (peer, spectra, model fitted to the taught ones)."""
    spectra = for_peers(split)
    for name, make in SIMPLE.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield name, spectra, make().fit(spectra[split.train],
                                            split.labels[split.train])


def simple(split):
    """{peer: {"labels", "seconds_per_spectrum"}} on the test spectra."""
    result = {}
    for name, spectra, model in fitted(split):
        started = time.process_time()
        labels = model.predict(spectra[split.test])
        result[name] = {
            "labels": labels.tolist(),
            "seconds_per_spectrum": (time.process_time() - started)
            / len(labels)}
    return result


def everywhere(split):
    """{peer: labels (N,)} on all spectra."""
    return {name: model.predict(spectra)
            for name, spectra, model in fitted(split)}


def export(splits, folder):
    """Write the splits for `aeon_peers.py`; returns their paths by key."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for number, split in enumerate(splits):
        spectra = for_peers(split)
        path = folder / f"{number:03d}.npz"
        np.savez(path, train=spectra[split.train], test=spectra[split.test],
                 train_labels=split.labels[split.train])
        paths[split.key] = path
    return paths


def convolutions(splits, folder, wanted=CONVOLUTIONS):
    """{key of split: {peer: {"labels", ...}}}, or {} without aeon.

    Make the environment with `python3.12 -m venv .venv-aeon` and
    `.venv-aeon/bin/pip install aeon torch` in the root of the repository.
    """
    if not AEON.is_file() or not wanted:
        return {}
    paths = export(splits, folder)

    def answers():
        return {key: json.loads(path.with_suffix(".json").read_text())
                for key, path in paths.items()
                if path.with_suffix(".json").is_file()}

    known = answers()
    if not all(set(wanted) <= set(known.get(key, ())) for key in paths):
        subprocess.run([AEON, Path(__file__).with_name("aeon_peers.py"),
                        folder, *wanted], check=True)
    return answers()
