"""Which code a pulse must have: a plain float64 path, from the file alone.

It reads the ONNX graph and its manifest by itself and shares no code with the
package (a test proves it).  A pulse may be a class only if everything that
speaks for it is *proved*: finite, enough strips, enough counts, sure enough,
explained well enough.  NaN proves nothing.
"""
import base64
import itertools
import json
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

UNKNOWN, LOW, SATURATED, BAD, SKIPPED = -1, -2, -3, -4, -5
#: a number so near to its limit may fall on either side in float32
NEAR = 2e-3
#: share of the weighted strips below which nothing can be judged
ENOUGH_STRIPS = 0.5
#: what is surely enough of them
PLENTY_OF_STRIPS = 0.95


class Model:
    """A model file, evaluated with numpy in float64."""

    def __init__(self, path):
        proto = onnx.load(path)
        texts = {entry.key: entry.value for entry in proto.metadata_props}
        self.manifest = json.loads(texts["spectra_classifier.manifest"])
        self.classes = self.manifest["classes"]
        self.bins = [(b["start"], b["stop"]) for b in self.manifest["bins"]]
        self.weights = np.array([b["weight"] for b in self.manifest["bins"]])
        where = self.manifest["references"]
        self.references = np.frombuffer(base64.b64decode(
            texts[where["key"]]),
            where["dtype"]).reshape(where["shape"]).astype(float)
        self._nodes = proto.graph.node
        self._constants = {
            tensor.name: numpy_helper.to_array(tensor)
            for tensor in proto.graph.initializer}

    def votes(self, spectra):
        """(P, bins, classes) of preprocessed (P, channels)."""
        found = dict(self._constants, spectra=spectra)
        for node in self._nodes:
            made = _OPERATORS[node.op_type](
                *(found[name] for name in node.input),
                **{a.name: onnx.helper.get_attribute_value(a)
                   for a in node.attribute})
            found[node.output[0]] = made
        return found["votes"]


def _softmax(x, axis=-1):
    power = np.exp(x - x.max(axis=axis, keepdims=True))
    return power / power.sum(axis=axis, keepdims=True)


_OPERATORS = {
    "Slice": lambda x, start, stop, axis: x[:, int(start[0]):int(stop[0])],
    "Gemm": lambda x, w, b, transB=0: x @ (w.T if transB else w) + b,
    "Softmax": _softmax,
    "Relu": lambda x: np.where(x < 0, 0, x),
    "Unsqueeze": lambda x, axis: np.expand_dims(x, int(axis[0])),
    "Concat": lambda *parts, axis: np.concatenate(parts, axis),
    "Mul": lambda a, b: a * b,
    "ReduceSum": lambda x, axis, keepdims=1: x.sum(axis=int(axis[0])),
}


@dataclass(frozen=True)
class Limits:
    """What an operator set; None for the model's own."""

    selected: tuple = ()
    confidence: float | None = None
    intensity: float | None = None
    saturation: float | None = None
    dark: tuple = ()
    masked: tuple = ()
    chosen: str = ""        # pulse selection, "first:stop:step"


@dataclass(frozen=True)
class Judged:
    """The codes that each pulse may have, and why."""

    allowed: tuple      # per pulse: a frozenset of codes

    def misfit(self, codes):
        """The first pulse whose code is not allowed, or None."""
        for number, (code, allowed) in enumerate(
                zip(codes, self.allowed, strict=True)):
            if code not in allowed:
                return number, int(code), sorted(allowed)
        return None


def judge(model: Model, limits: Limits, raw, mask=None, settled=None):
    """Say which codes the pulses of a train may have.

    Parameters
    ----------
    model : Model
    limits : Limits
    raw : array, (P, channels)
        As sent, any real type.
    mask : array, (channels,) or (P, channels), optional
        Not zero where the source says that a strip is bad.
    settled : list of (int or None), optional
        Code that the source itself gives a pulse, such as a lost frame.

    Returns
    -------
    Judged
    """
    raw = np.asarray(raw)
    pulses, channels = raw.shape
    left_out = np.ones(pulses, bool)
    left_out[_slice(limits.chosen)] = False
    dead, partly = np.zeros(channels, bool), np.zeros(pulses, bool)
    if mask is not None and np.ndim(mask) == 1:
        dead = np.asarray(mask) != 0
    elif mask is not None and pulses:
        bad = np.asarray(mask) != 0
        dead = bad.all(axis=0)
        partly = (bad & ~dead).any(axis=1)
    dead = dead.copy()
    dead[list(limits.masked)] = True
    with np.errstate(all="ignore"):
        spectra = raw.astype(np.float32).astype(float)
        allowed, doubtful = _judge_spectra(model, limits, spectra, dead)
    # too few strips: the whole train is refused, whatever its pulses are
    refused = frozenset({BAD} if doubtful else ())
    out = []
    for number in range(pulses):
        if left_out[number]:
            out.append(frozenset({SKIPPED}))
        elif settled is not None and settled[number] is not None:
            out.append(frozenset({settled[number], BAD}
                                 if partly[number] else {settled[number]}))
        elif partly[number]:
            out.append(frozenset({BAD}))
        else:
            out.append(allowed[number])
    return Judged(tuple(codes | refused for codes in out))


def _slice(text):
    return slice(*(int(part) if part.strip() else None
                   for part in text.split(":"))) if text else slice(None)


def _judge_spectra(model, limits, spectra, dead):
    """(codes that each pulse may have, whether a mask may refuse them all).
    """
    weights = model.weights
    if limits.selected:
        weights = np.where(np.isin(np.arange(len(weights)), limits.selected),
                           weights, 0)
    strips = np.zeros(spectra.shape[1])
    for (start, stop), weight in zip(model.bins, weights, strict=True):
        strips[start:stop] += weight
    share = strips[~dead].sum() / strips.sum() if strips.any() else 0.
    doubtful = not share >= PLENTY_OF_STRIPS
    if dead.all():
        return [frozenset({BAD})] * len(spectra), True
    dark = np.array(limits.dark or np.zeros(spectra.shape[1]))
    gate = _own(limits.intensity, model.manifest["gate"]["min_intensity"])
    full = _own(limits.saturation,
                model.manifest["gate"]["saturation_level"])
    full = np.inf if full is None else full
    flat = np.ptp(spectra[:, ~dead], axis=1) == 0
    net = _bridged(spectra - dark, dead)
    intensity = (spectra - dark)[:, ~dead].mean(axis=1)
    classes = _classes(model, limits, weights, net)
    found = []
    for row, level, same, (may, must) in zip(spectra, intensity, flat,
                                             classes, strict=True):
        valid = row[~dead]
        # squares of it leave float32: nothing but a class is fine
        huge = not np.abs(valid).max() < 1e18
        if not np.isfinite(valid).all():
            codes = {BAD}
        elif (valid >= full).any():
            codes = {SATURATED, BAD} if huge else {SATURATED}
        elif not level >= gate * (1 - 1e-5):
            codes = {LOW}
        else:
            # no detector measures one and the same value everywhere
            codes = {BAD} if same else set(must)
            if not level >= gate * (1 + 1e-5):
                codes |= {LOW}
            if huge:
                codes = {UNKNOWN, BAD, SATURATED} | (may & codes)
        if doubtful:
            codes |= {BAD}
        if not share >= ENOUGH_STRIPS:
            codes = {code for code in codes if code < UNKNOWN} | {BAD}
        found.append(frozenset(codes))
    return found, doubtful


def _own(value, own):
    return own if value is None else value


def _bridged(spectra, dead):
    """Dead strips become straight lines between their neighbours."""
    if not dead.any():
        return spectra
    spectra, alive = spectra.copy(), np.flatnonzero(~dead)
    for strip in np.flatnonzero(dead):
        for row in spectra:
            row[strip] = np.interp(strip, alive, row[alive])
    return spectra


def _classes(model, limits, weights, net):
    """Per pulse: (classes that it may have, codes one of which it has)."""
    kind = model.manifest["preprocessing"]["normalisation"]
    if kind == "area":
        mean = net.mean(axis=1, keepdims=True)
        net = np.where(mean > 0, net / mean, 0.)
    elif kind != "none":
        raise ValueError(kind)
    share = (model.votes(net) * weights[:, None]).sum(axis=1)
    share = share / weights.sum() if weights.sum() > 0 else share * 0
    calibration = model.manifest["calibration"]
    if calibration["of"] != "votes":
        raise ValueError(calibration["of"])
    sure = _softmax(share / calibration["temperature"])
    sure = ((1 - calibration["doubt"]) * sure
            + calibration["doubt"] / share.shape[1])
    rule = model.manifest["unknown"]
    least = _own(limits.confidence, rule["min_confidence"])
    most = np.inf if rule["max_residual"] is None else rule["max_residual"]
    found = []
    for scores, confident, spectrum in zip(share, sure, net, strict=True):
        order = np.argsort(scores)
        best, lead = int(order[-1]), scores[order[-1]] - scores[order[-2]]
        top = confident[best]
        rest = residual(model.references, spectrum)

        def good(slack, lead=lead, top=top, rest=rest):
            return bool(weights.any() and lead > -slack
                        and top >= least - slack and rest <= most + slack
                        and (slack > 0 or lead > NEAR))
        may = {best} if good(NEAR) else set()
        if may and lead < NEAR:
            may |= {int(order[-2])}
        must = may if good(-NEAR) else may | {UNKNOWN}
        found.append((may, must))
    return found


def residual(references, spectrum):
    """What no mixture of the references explains, a share; NaN of zero.

    Every subset of the references is tried: the smallest rest of those with
    no negative amount is the answer.
    """
    norm = np.linalg.norm(spectrum)
    if not (np.isfinite(norm) and norm > 0):
        return np.nan
    best = 1.
    for size in range(1, len(references) + 1):
        for chosen in itertools.combinations(references, size):
            basis = np.array(chosen).T
            amount = np.linalg.lstsq(basis, spectrum, rcond=None)[0]
            if (amount >= 0).all():
                best = min(best, np.linalg.norm(
                    spectrum - basis @ amount) / norm)
    return best
