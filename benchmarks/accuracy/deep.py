"""A deep network on the same splits: adds "FCN" to the results of `real.py`.

    python benchmarks/accuracy/deep.py real.json

The fully convolutional network of Z. Wang, W. Yan and T. Oates (IJCNN 2017),
which is also among the models of the follow-up papers on spectra: three
convolutions (8, 5, 3 channels wide) with batch normalisation, the mean over
the axis, one linear layer. To fit a CPU it has a quarter of the filters (32,
64, 32), sees at most 512 points (neighbours averaged) and is trained for 300
epochs of Adam (1e-3, halved when the loss stalls) on batches of 16, spectra
standardised one by one, one seed. Needs torch; minutes per task.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import sets
import torch
from rich.progress import track

POINTS, EPOCHS, BATCH = 512, 300, 16


def prepared(spectra):
    """(N, 1, points) float32, mean 0 and spread 1."""
    width = -(-spectra.shape[1] // POINTS)
    whole = spectra.shape[1] // width * width
    x = spectra[:, :whole].reshape(len(spectra), -1, width).mean(axis=2)
    x = x - x.mean(axis=1, keepdims=True)
    x /= np.maximum(x.std(axis=1, keepdims=True), 1e-12)
    return torch.from_numpy(x[:, None].astype(np.float32))


def network(classes):
    layers, before = [], 1
    for filters, width in ((32, 8), (64, 5), (32, 3)):
        layers += [torch.nn.Conv1d(before, filters, width, padding="same"),
                   torch.nn.BatchNorm1d(filters), torch.nn.ReLU()]
        before = filters
    return torch.nn.Sequential(
        *layers, torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(),
        torch.nn.Linear(before, classes))


def labels_of(split, seed=0):
    """(labels of the test spectra, CPU seconds to train, per spectrum)."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    spectra = sets.for_peers(split)
    x, y = prepared(spectra[split.train]), torch.from_numpy(
        split.labels[split.train].astype(np.int64))
    model = network(split.classes)
    adam = torch.optim.Adam(model.parameters(), 1e-3)
    slower = torch.optim.lr_scheduler.ReduceLROnPlateau(
        adam, factor=0.5, patience=20, min_lr=1e-4)
    started = time.process_time()
    for _ in range(EPOCHS):
        total = 0.
        for rows in torch.randperm(len(y)).split(BATCH):
            if len(rows) < 2:       # batch normalisation needs two
                continue
            loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows])
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += float(loss.detach()) * len(rows)
        slower.step(total)
    trained = time.process_time() - started
    model.eval()
    test = prepared(spectra[split.test])
    started = time.process_time()
    with torch.no_grad():
        found = torch.cat([model(part) for part in test.split(64)])
    seconds = (time.process_time() - started) / len(test)
    return found.argmax(dim=1).tolist(), trained, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    path = parser.parse_args().results
    found = json.loads(path.read_text())
    for split in track(list(sets.stored_splits()), "Splits"):
        entry = found[split.key]
        if "FCN" in entry:
            continue
        labels, trained, seconds = labels_of(split)
        entry["FCN"] = {"labels": labels, "training_seconds": trained,
                        "seconds_per_spectrum": seconds}
        path.write_text(json.dumps(found))      # resumes where it was ended
        print(split.key, np.mean(np.array(labels) == entry["truth"]))


if __name__ == "__main__":
    main()
