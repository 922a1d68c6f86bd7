"""Options of a training, checked before it starts."""
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from ..core.model_definition import Baseline, Preprocessing
from ..core.preprocessing.baseline import knot_step_for, lam_for_length
from ..core.spectra import Axis
from ..errors import ConfigurationError

MEMBERS = ("auto", "texture", "linear", "ridge", "logistic", "mlp",
           "published")
NOISES = ("zero-mean", "published")
SCALINGS = ("none", "published", "standardised")
#: curves, copies included, that the published training had
PUBLISHED_CURVES = 44
_ONE_KIND = ("linear", "ridge", "logistic", "mlp", "published")
_NETWORK = ("published",)
#: options that only some members take
TAKEN_BY = {
    **dict.fromkeys(("bins", "normalisation"), _ONE_KIND),
    **dict.fromkeys(("variants", "shift", "gain", "pedestal", "slope"),
                    ("linear", "ridge", "logistic", "mlp")),
    "hidden": ("mlp", "published"),
    **dict.fromkeys(("noise", "noise_width", "copies", "input_scaling",
                     "epochs", "learning_rate", "weight_decay", "max_points",
                     "fold_epochs", "fold_points"), _NETWORK),
    **dict.fromkeys(("try_baseline", "time_budget"), ("auto", "texture")),
    "try_regressions": ("auto",),
}
#: options of the baseline: `auto` only takes them where it tries one
BASELINE = ("baseline", "lam", "baseline_length", "p", "iterations",
            "knot_step")


@dataclass(frozen=True)
class TrainingOptions:
    """Options of one training.

    Attributes
    ----------
    members
        "auto" (the best of many linear candidates, averaged; it chooses
        views, bins and normalisation) or "texture" (as "auto", among textures
        alone); on the whole bin "linear" (shrinkage discriminant), "ridge",
        "logistic" or "mlp" (N-H-C network); "published" (one 2-H-C network
        per bin on single points; `TrainingOptions.published` has the settings
        of the publication as well).
    bins
        Number of equal bins.
    averaging
        Pulses whose mean is trained on and classified, 0 for the number that
        the averaging study recommends.
    counts_per_photon
        Turns the intensities of that study into photons.
    baseline, lam, p, iterations, knot_step
        Mode and constants of the baseline; `lam` in channels^4, `knot_step`
        None for the largest that lam allows.
    baseline_length
        In units of the axis, in place of `lam`, so that the same options
        mean the same on any axis (`on_axis`).
    normalisation
        "none", "area", "snv" or "monitor".
    hidden
        Hidden units of a network.
    epochs, learning_rate, weight_decay
        Of point-wise members.
    copies
        Copies of every spectrum with noise, for point-wise members; None for
        as many as make about 44 spectra in all.
    noise
        "zero-mean" keeps the originals; "published" is one-sided and
        replaces them.
    noise_width
        In preprocessed units; None for 1/550 of the largest intensity, as
        published.
    input_scaling
        Of x and y of point-wise members, folded into the exported weights:
        "none", "published" (to the ranges of the publication) or
        "standardised" (per bin).
    max_points
        Points per bin and step; more: a random choice of spectra in every
        step.
    variants
        Variants of every spectrum (`augment.vary`), for whole-bin members of
        one kind. "auto" takes none: its views do not depend on gain,
        pedestal and slope.
    shift, gain, pedestal, slope
        Of the variants: channels, then shares.
    folds
        Of the cross-validation; 0: none.
    fold_epochs, fold_points
        As `epochs` and `max_points`, in the folds.
    min_confidence
        Confidence below which a spectrum is unknown.
    unknown_level
        Share of the spectra of taught states that may be called unknown by
        their residual; 0 for no limit.
    gate
        Whether spectra of too low an intensity get no class. Without a gate
        a model cannot be armed.
    try_baseline
        "auto": whether to try a baseline and use it if it is better.
    try_regressions
        "auto": whether to try ridge and logistic candidates as well, for few
        spectra.
    time_budget
        Seconds of computing after which "auto" tries no further candidate.
    seed
        Of all random numbers.
    threads
        Of the computation.
    """
    members: str = "auto"
    bins: int = 15
    averaging: int = 1
    counts_per_photon: float | None = None
    baseline: str = "none"
    lam: float = 1e5
    baseline_length: float | None = None
    p: float = 0.002
    iterations: int = 10
    knot_step: int | None = None
    normalisation: str = "none"
    hidden: int = 150
    epochs: int = 700
    learning_rate: float = 8e-3
    weight_decay: float = 2e-5
    copies: int | None = None
    noise: str = "zero-mean"
    noise_width: float | None = None
    input_scaling: str = "standardised"
    max_points: int = 12_000
    variants: int = 0
    shift: float = 0.5
    gain: float = 0.3
    pedestal: float = 0.02
    slope: float = 0.02
    folds: int = 5
    fold_epochs: int = 200
    fold_points: int = 2_000
    min_confidence: float = 0.
    unknown_level: float = 0.01
    gate: bool = True
    try_baseline: bool = False
    try_regressions: bool = False
    time_budget: float = 15.
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        for name, known in (("members", MEMBERS), ("noise", NOISES),
                            ("input_scaling", SCALINGS)):
            value = getattr(self, name)
            if value not in known:
                raise ConfigurationError(
                    f"{name.replace('_', ' ')} {value!r}: use one of "
                    f"{', '.join(known)}")
        for name, lowest in (
                ("bins", 1), ("hidden", 1), ("epochs", 1), ("fold_epochs", 1),
                ("max_points", 1), ("fold_points", 1), ("threads", 1),
                ("folds", 0), ("copies", 0), ("averaging", 0),
                ("variants", 0), ("shift", 0), ("gain", 0), ("pedestal", 0),
                ("slope", 0)):
            value = getattr(self, name)
            if value is not None and value < lowest:
                raise ConfigurationError(
                    f"{name.replace('_', ' ')} {value}: at least {lowest}")
        if self.variants and not self.takes("variants"):
            raise ConfigurationError(
                f"{self.variants} variants of every spectrum: members "
                f"{self.members!r} take none; use linear, ridge, logistic or "
                "mlp")
        if self.counts_per_photon is not None and not (
                self.counts_per_photon > 0):
            raise ConfigurationError(
                f"counts per photon {self.counts_per_photon}: expected more "
                "than 0")
        if self.learning_rate <= 0 or self.weight_decay < 0:
            raise ConfigurationError(
                f"learning rate {self.learning_rate}, weight decay "
                f"{self.weight_decay}: expected > 0 and >= 0")
        if not 0 <= self.unknown_level < 1:
            raise ConfigurationError(
                f"level of unknown {self.unknown_level}: expected 0 or more "
                "and less than 1")
        if self.baseline_length is not None and not self.baseline_length > 0:
            raise ConfigurationError(
                f"baseline length {self.baseline_length}: expected more than "
                "0, in units of the axis")
        self.preprocessing()        # raises where its constants are wrong

    @classmethod
    def published(cls, **changes: Any) -> Self:
        """The settings of the publication, with `changes`."""
        return cls(**{"members": "published", "baseline": "exact",
                      "noise": "published", "noise_width": 1 / 12,
                      "input_scaling": "none", **changes})

    def takes(self, name: str) -> bool:
        """Whether the members depend on an option."""
        if (name in BASELINE and self.members in ("auto", "texture")
                and not self.try_baseline):
            return False
        return self.members in TAKEN_BY.get(name, MEMBERS)

    def on_axis(self, axis: Axis) -> Self:
        """These options with the `lam` of `baseline_length` on an axis."""
        if self.baseline_length is None:
            return self
        return replace(self, lam=lam_for_length(
            self.baseline_length / abs(axis.step)))

    def preprocessing(self) -> Preprocessing:
        """The `Preprocessing` of the model."""
        step = self.knot_step or knot_step_for(self.lam)
        return Preprocessing(
            Baseline(self.baseline, self.lam, self.p, self.iterations,
                     step if self.baseline == "reduced" else 1),
            self.normalisation)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values of what the members depend on."""
        return {name: value for name, value in asdict(self).items()
                if self.takes(name)}
