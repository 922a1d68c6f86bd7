"""Null tests: can anything but the sample explain the accuracy?

Captures are confounded with time: two captures of the identical state are
classified perfectly once the detector has drifted by a fraction of its noise.
So the verdict rests on captures alone: the classes of whole captures are
permuted, in every possible way (or in many), and states count as separable
only if the true assignment is predicted better than any other. With n
captures of each of two classes there are C(2n, n) / 2 assignments: 35 for
four, of which one is true, so that drift which is independent of the class
is mistaken for the sample in at most 1 of 35 cases. With two or three
captures of each there are too few assignments; then the difference has to
repeat beyond that of captures of one class (`repeats`), which assumes that
drift is about normal.
"""
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.bins import equal_bins
from ...core.capture import in_turn
from ...core.dataset import Dataset, labelled_by_clusters
from ...core.evaluation import simple_references
from ...core.model_definition import Preprocessing
from ...core.preprocessing.preprocess import preprocess
from ...core.preprocessing.views import apply_view
from ..labelled import Captures, LabelledDataset, labelled
from ..members.discriminant import Discriminants
from ..selection import candidates
from ..validation import folds, repeats, sampling

#: chance of a false alarm above which nothing counts as established
LEVEL = 0.05
#: verdict on classes that were found in the same spectra
CHOSEN = "chosen by the data"
CHOSEN_WORDS = (
    "the classes are clusters of these spectra, so that they "
    "differ is not evidence that they are states of the sample; confirm the "
    "model with captures of known states")
#: by how much the skill must exceed that of the null test
MARGIN = 0.1
#: spectra that the assignments are tried on
_MOST = 600
#: assignments tried when there are more than that
_TRIED = 99
#: share of strips, the weakest ones, that should hold no signal
_DARK_SHARE = 0.1
#: bins of the two classifiers, the better of which is the statistic
_BINS = 5
#: channels that these use at most
_CHANNELS = 320


def check(dataset: Dataset, seed: int = 0) -> dict[str, Any]:
    """Simple references and verdict on labelled data, plain JSON values.

    Returns
    -------
    dict
        `verdict` ("separable", "chosen by the data", "not separable", "drift
        not excluded" or "not established"), `words`, `arm` (whether arming is
        advised), `p` (share of assignments of captures to classes that do as
        well), `accuracy` on left-out captures, `null` (accuracy of separating
        the halves of one capture), `references` (accuracy of simple references
        on the same folds) and `warnings`.
    """
    found = _check(dataset, seed)
    if found["verdict"] == "separable" and labelled_by_clusters(
            dataset.provenance):
        found |= {"verdict": CHOSEN, "words": CHOSEN_WORDS, "arm": False}
    return found


def _check(dataset: Dataset, seed: int) -> dict[str, Any]:
    data = labelled(dataset)
    data = data.select(sampling.rows(data.labels, data.groups, _MOST))
    classes = len(data.classes)
    captures = data.captures
    fold, by = folds.assign(data.labels, data.capture, 5)
    if fold is None:
        return _result("not established", "a class has a single spectrum",
                       np.nan, None, None, {})
    if not np.ptp(data.spectra, axis=0).any():
        return _result("not separable", "all spectra are equal", np.nan,
                       None, None, {})
    features = _features(data)
    accuracy = _skill(features, data.labels, classes, fold)
    references = _references(data, fold)
    null = _null(features, data)
    if captures is None or by != "captures":
        return _result(
            "drift not excluded", "there are not two captures of every "
            "class, so a change of the instrument between them can look "
            "like the sample", np.nan, accuracy, null, references)
    doubt = _order(features, captures)
    if doubt:
        return _result(
            "drift not excluded", f"{doubt}, so a steady change of the "
            "instrument can look like the sample", np.nan, accuracy, null,
            references)
    p, possible = _permutation(features, data, captures, accuracy, seed)
    if possible > LEVEL:
        return _by_variance(features, data, captures, accuracy, null,
                            references)
    return _verdict(accuracy, p, null, references, classes)


def _order(features: list[NDArray[np.float64]], captures: Captures) -> str:
    """Why the order of the captures does not exclude drift; "" if it does.

    Where classes share capture numbers and the file has one class after the
    other, the numbers may count cycles, or the captures of classes that were
    taken one after the other. Then drift is excluded in both cases alone.
    """
    if not in_turn(captures.labels.tolist()):
        return "the captures were not taken in turn"
    if captures.shared and not in_turn(
            captures.labels[captures.in_file].tolist()):
        _, p = repeats.jump(features[-1], captures.of, captures.in_file,
                            captures.labels)
        if not p <= repeats.LEVEL:
            return ("classes share capture numbers and follow one after the "
                    "other in the file, so they may not have been taken in "
                    "turn")
    return ""


def _features(data: LabelledDataset) -> list[NDArray[np.float64]]:
    """Input of the two classifiers of the statistic: shape and slope.

    Neighbouring channels are averaged, as many assignments are tried.
    """
    spectra = _coarse(preprocess(data.spectra, Preprocessing()))
    wanted = [candidates.LINEAR_VIEWS[1], candidates.LINEAR_VIEWS[3]]
    return [apply_view(view, spectra) for view in wanted
            if spectra.shape[1] > view.window]


def _coarse(spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    channels = spectra.shape[1]
    width = -(-channels // _CHANNELS)
    whole = channels // width * width
    return spectra[:, :whole].reshape(len(spectra), -1, width).mean(axis=2)


def _skill(features: list[NDArray[np.float64]], labels: NDArray[np.int64],
           classes: int, fold: NDArray[np.int64]) -> float:
    """Best accuracy, classes counting alike, of the two classifiers."""
    return max(_accuracy(_predict(x, labels, classes, fold), labels)
               for x in features)


def _predict(x: NDArray[np.float64], labels: NDArray[np.int64], classes: int,
             fold: NDArray[np.int64]) -> NDArray[np.int64]:
    """Out-of-fold labels (N,) of five bins voting by their logits' softmax.
    """
    solver = Discriminants(x, labels, classes, fold[None])
    count = min(_BINS, x.shape[1] // 2)
    total = np.zeros((len(labels), classes))
    for found in solver.out_of_fold(equal_bins(x.shape[1],
                                               count)).values():
        logits = found[0]
        logits -= logits.max(axis=1, keepdims=True)
        share = np.exp(logits)
        total += share / share.sum(axis=1, keepdims=True)
    return total.argmax(axis=1)


def _accuracy(predicted: NDArray[np.int64],
              labels: NDArray[np.int64]) -> float:
    return float(np.mean([np.mean(predicted[labels == c] == c)
                          for c in np.unique(labels)]))


def _null(features: list[NDArray[np.float64]],
          data: LabelledDataset) -> float | None:
    """Accuracy of separating the halves of a capture, mean over captures.

    0.5 means that the instrument was stable within a capture.
    """
    unit = data.labels if data.capture is None else data.capture
    values = []
    for capture in np.unique(unit):
        rows = np.flatnonzero(unit == capture)
        if len(rows) < 8:
            continue
        half = (np.arange(len(rows)) >= len(rows) / 2).astype(np.int64)
        place = np.arange(len(rows)) % ((len(rows) + 1) // 2)
        fold = place * 2 // ((len(rows) + 1) // 2)
        values.append(_skill([x[rows] for x in features], half, 2, fold))
    return float(np.mean(values)) if values else None


def _permutation(features: list[NDArray[np.float64]], data: LabelledDataset,
                 captures: Captures, accuracy: float,
                 seed: int) -> tuple[float, float]:
    """(p, smallest possible p) of the true classes of the captures.

    Ends as soon as p is certain to exceed the level: p is then the smallest
    value that it can still have.
    """
    others, complete = _assignments(captures.labels, seed)
    classes = len(data.classes)
    as_good, count = 0, len(others) + 1
    for other in others:
        labels = other[captures.of]
        fold, by = folds.assign(labels, captures.of, 5)
        if fold is not None and by == "captures":
            as_good += _skill(features, labels, classes, fold) >= accuracy
        if (as_good + 1) / count > LEVEL:
            break
    return (as_good + 1) / count, 1 / count if complete else 1 / (_TRIED + 1)


def _assignments(truth: NDArray[np.int64],
                 seed: int) -> tuple[list[NDArray[np.int64]], bool]:
    """(other assignments of captures to classes, whether these are all).

    Names of classes do not matter: swapping two of them is no other one.
    """
    count = len(truth)
    size = np.bincount(truth)
    if len(size) == 2 and size[0] == size[1] and count <= 8:
        first = [np.isin(np.arange(count), (0, *rest), invert=True)
                 for rest in combinations(range(1, count), size[0] - 1)]
        known = truth if truth[0] == 0 else 1 - truth
        numbers = [each.astype(np.int64) for each in first]
        return [each for each in numbers if (each != known).any()], True
    random = np.random.default_rng(seed)
    seen = {_partition(truth)}
    others = []
    for _ in range(20 * _TRIED):
        other = random.permutation(truth)
        if _partition(other) not in seen:
            seen.add(_partition(other))
            others.append(other)
        if len(others) == _TRIED:
            return others, False
    return others, True


def _partition(labels: NDArray[np.int64]) -> frozenset[frozenset[int]]:
    return frozenset(frozenset(np.flatnonzero(labels == c).tolist())
                     for c in np.unique(labels))


def _references(data: LabelledDataset,
                fold: NDArray[np.int64]) -> dict[str, float]:
    """Accuracy of simple references, on the same folds."""
    classes = len(data.classes)
    spectra = np.asarray(data.spectra, np.float64)
    dark = np.argsort(spectra.mean(axis=0), kind="stable")[
        :max(int(_DARK_SHARE * spectra.shape[1]), 2)]
    found = {name: np.full(len(spectra), -1, np.int64) for name in (
        "total_intensity", "two_region_ratio", "nearest_neighbour")}
    shape = apply_view(candidates.LINEAR_VIEWS[1], spectra)
    for number in range(fold.max() + 1):
        rest, held = fold != number, fold == number
        if len(np.unique(data.labels[rest])) < classes:
            continue
        fitted = simple_references.fit(
            spectra[rest], data.labels[rest], classes
        )
        for name, label in simple_references.predict(
            fitted, spectra[held]
        ).items():
            found[name][held] = label
        found["nearest_neighbour"][held] = _nearest(
            shape[rest], data.labels[rest], shape[held])
    result = {name: _accuracy(label, data.labels)
              for name, label in found.items()}
    solver = Discriminants(spectra[:, dark], data.labels, classes,
                           fold[None])
    logits, = solver.out_of_fold(((0, len(dark)),)).values()
    result["signal_free_strips"] = _accuracy(logits[0].argmax(axis=1),
                                             data.labels)
    return result


def _nearest(known: NDArray[np.float64], labels: NDArray[np.int64],
             spectra: NDArray[np.float64]) -> NDArray[np.int64]:
    distance = (np.square(known).sum(axis=1)
                - 2 * spectra @ known.T)
    return labels[distance.argmin(axis=1)]


def _by_variance(features: list[NDArray[np.float64]], data: LabelledDataset,
                 captures: Captures, accuracy: float, null: float | None,
                 references: dict[str, float]) -> dict[str, Any]:
    """The verdict where too few assignments of captures are possible."""
    # slopes: what pedestals and intensity change least
    f, p = repeats.test(features[-1], captures.of, captures.labels)
    classes = len(data.classes)
    if not p <= repeats.LEVEL:
        return _result(
            "not separable", "the classes do not differ by more than drift: "
            "captures of one class differ too much from each other "
            f"(F = {f:.1f}, p = {p:.2f}); if the classes differ, further "
            "captures in turn will show it", p, accuracy, null, references)
    words = (f"the classes differ {np.sqrt(f):.0f} times as much as captures "
             f"of one class (p = {p:.3f}, if drift is about normal)")
    return _above_null(accuracy, p, null, references, classes, words)


def _verdict(accuracy: float, p: float, null: float | None,
             references: dict[str, float], classes: int) -> dict[str, Any]:
    if p > LEVEL:
        return _result(
            "not separable", "permuted classes of the captures are predicted "
            f"as well (p >= {p:.2f}): the difference is one of the "
            "instrument, or there is none", p, accuracy, null, references)
    return _above_null(
        accuracy, p, null, references, classes,
        "left-out captures are predicted better than with any other "
        f"assignment of their classes (p = {p:.3f})")


def _above_null(accuracy: float, p: float, null: float | None,
                references: dict[str, float], classes: int,
                words: str) -> dict[str, Any]:
    """Separable, unless halves of one capture are separated as well."""
    skill = (accuracy - 1 / classes) / (1 - 1 / classes)
    by_itself = 0. if null is None else max(2 * null - 1, 0.)
    if skill <= by_itself + MARGIN:
        return _result(
            "not separable", "left-out captures are not predicted clearly "
            "better than the halves of one capture "
            f"({(null or 0.5):.1%})", p, accuracy, null, references)
    return _result("separable", words, p, accuracy, null, references,
                   1 / classes)


def _result(verdict: str, words: str, p: float, accuracy: float | None,
            null: float | None, references: dict[str, float],
            chance: float | None = None) -> dict[str, Any]:
    warnings = [] if verdict == "separable" else [f"{verdict}: {words}"]
    if chance is not None and accuracy is not None:
        for name in ("total_intensity", "signal_free_strips"):
            margin = chance + 0.5 * (accuracy - chance)
            if references[name] > margin:
                warnings.append(
                    f"{name.replace('_', ' ')} alone reaches "
                    f"{references[name]:.1%}: the beam or the detector may "
                    "differ between the classes, not the sample")
    return {"verdict": verdict, "words": words, "arm": verdict == "separable",
            "p": float(p) if np.isfinite(p) else None, "accuracy": accuracy,
            "null": null, "references": references, "warnings": warnings}
