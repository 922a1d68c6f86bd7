"""What a training may be told; every value is checked before it starts."""
from dataclasses import asdict, dataclass, replace

from ..core.model_definition import Baseline, Preprocessing
from ..core.preprocessing.baseline import knot_step_for, lam_for_length
from ..errors import ConfigurationError

MEMBERS = ("pointwise", "linear", "ridge", "logistic", "mlp", "texture",
           "auto")
NOISES = ("zero-mean", "published")
SCALINGS = ("none", "published", "standardised")
#: curves, copies included, that the published training had
PUBLISHED_CURVES = 44


@dataclass(frozen=True)
class TrainingOptions:
    """Options of one training.

    members: "pointwise" (one 2-H-C network per bin on single points, as
    published), on the whole bin "linear" (shrinkage discriminant), "ridge",
    "logistic" or "mlp" (N-H-C network), "auto" (the best of many linear
    candidates, averaged; it chooses views, bins and normalisation itself and
    takes a baseline only where `try_baseline` is set and the baseline wins;
    `try_regressions`: ridge and logistic candidates, too, for few spectra)
    or "texture" (as "auto", among textures alone). bins: number of equal
    bins. averaging: pulses whose mean is taught and classified, 0 for the
    number that the averaging study recommends; `counts_per_photon` turns its
    intensities into photons.

    Preprocessing: `baseline` mode with `lam` (channels^4), `p`,
    `iterations` and `knot_step` (None: the largest that lam allows);
    `baseline_length` in units of the axis takes the place of `lam`, so that
    the same options mean the same on any axis (`on_axis`);
    `normalisation` "none", "area" or "snv".

    Networks: `hidden` units. Point-wise members: `epochs`, `learning_rate`,
    `weight_decay`; `copies` of every spectrum with noise (None: as many as
    make about 44 spectra in all); `noise` "zero-mean" keeps the originals,
    "published" is one-sided and replaces them; `noise_width` in preprocessed
    units (None: 1/550 of the largest intensity, as published);
    `input_scaling` of x and y, folded into the exported weights: "none",
    "published" (to the ranges of the publication) or "standardised" (per
    bin); `max_points` per bin and step (more: a random choice of spectra in
    every step).

    Whole-bin members of one kind: `variants` of every spectrum with `shift`
    (channels), `gain`, `pedestal` and `slope` (shares), see `augment.vary`.
    "auto" takes none: its views do not see gain, pedestal and slope.

    Validation: `folds` (0: none), `fold_epochs` and `fold_points` (as
    `epochs` and `max_points`, in the folds). `time_budget` in seconds of
    computing, after which "auto" looks at no further candidate. `seed` of
    all random numbers, `threads` of the computation.
    """
    members: str = "pointwise"
    bins: int = 15
    averaging: int = 1
    counts_per_photon: float = None
    baseline: str = "none"
    lam: float = 1e5
    baseline_length: float = None
    p: float = 0.002
    iterations: int = 10
    knot_step: int = None
    normalisation: str = "none"
    hidden: int = 150
    epochs: int = 700
    learning_rate: float = 8e-3
    weight_decay: float = 2e-5
    copies: int = None
    noise: str = "zero-mean"
    noise_width: float = None
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
    try_baseline: bool = False
    try_regressions: bool = False
    time_budget: float = 15.
    seed: int = 0
    threads: int = 1

    def __post_init__(self):
        for name, known in (("members", MEMBERS), ("noise", NOISES),
                            ("input_scaling", SCALINGS)):
            value = getattr(self, name)
            if value not in known:
                raise ConfigurationError(
                    f"{name.replace('_', ' ')} {value!r}: there is "
                    f"{' and '.join(known)}")
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
        if self.variants and self.members in ("pointwise", "texture", "auto"):
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
        if self.baseline_length is not None and not self.baseline_length > 0:
            raise ConfigurationError(
                f"baseline length {self.baseline_length}: expected more than "
                "0, in units of the axis")
        self.preprocessing()        # raises where its constants are wrong

    @classmethod
    def published(cls, **changes):
        """The settings of the publication, copies left to their rule."""
        return cls(**{"baseline": "exact", "noise": "published",
                      "noise_width": 1 / 12, "input_scaling": "none",
                      **changes})

    def on_axis(self, axis):
        """These options, `lam` being that of `baseline_length` on `axis`."""
        if self.baseline_length is None:
            return self
        return replace(self, lam=lam_for_length(
            self.baseline_length / abs(axis.step)))

    def preprocessing(self):
        """The `Preprocessing` that the model will carry."""
        step = self.knot_step or knot_step_for(self.lam)
        return Preprocessing(
            Baseline(self.baseline, self.lam, self.p, self.iterations,
                     step if self.baseline == "reduced" else 1),
            self.normalisation)

    def as_dict(self):
        """Plain JSON values."""
        return asdict(self)
