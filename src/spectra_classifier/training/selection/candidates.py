"""The linear candidates among which `auto` chooses.

Five views of a spectrum, each with four binnings and two scalings: forty
discriminants. Texture views, for spiky spectra, add three more where the
spectra are long enough; ridge and logistic regression forty more where they
are asked for.
"""
from dataclasses import dataclass

from ...core.bins import equal_bins
from ...core.preprocessing.texture import LAGS
from ...core.preprocessing.views import View

LINEAR_VIEWS = (
    View("raw", normalise=False),
    View("snv"),
    View("slope 7", derivative=1, window=7),
    View("slope 15", derivative=1, window=15),
    View("curvature 15", derivative=2, window=15))
#: the only candidate where there is too little data for a choice
DEFAULT_VIEW, DEFAULT_BINS = LINEAR_VIEWS[3], 5
#: views of networks: those that a model can make before its members
NETWORK_VIEWS = LINEAR_VIEWS[:2]
#: networks that are averaged, and hidden units of each
NETWORKS, HIDDEN = 2, 32
#: numbers of bins of the binnings; the last one is the pyramid
BINNINGS = ((1,), (5,), (15,), (1, 5, 15))
#: bins of slopes and of raw spectra for the fewest spectra
SIMPLEST_BINS = 15, 5
#: parts of the texture views
TEXTURE_PARTS = (1, 5, 15)


@dataclass(frozen=True)
class Candidate:
    """One view of a spectrum, divided into bins.

    Attributes
    ----------
    counts
        Numbers of equal bins, all with the same weight in the vote.
    scaled
        Whether every feature is divided by its spread over the training
        spectra.
    kind
        "linear" (discriminant), "ridge", "logistic" or "network".
    """
    view: View
    counts: tuple[int, ...]
    scaled: bool
    kind: str = "linear"

    @property
    def name(self) -> str:
        """Description for reports."""
        if self.kind == "network":
            return (f"{self.view.name}, {len(self.counts)} networks of "
                    f"{HIDDEN} units")
        bins = "+".join(map(str, self.counts))
        return (f"{self.view.name}, {bins} "
                f"bin{'s' if self.counts != (1,) else ''}"
                f"{', scaled' if self.scaled else ''}"
                f"{'' if self.kind == 'linear' else f', {self.kind}'}")

    def bins(self, channels: int) -> tuple[tuple[int, int], ...]:
        """(start, stop) of all its bins."""
        return tuple(part for count in self.counts
                     for part in equal_bins(channels, count))

    def operations(self, channels: int, classes: int) -> int:
        """Multiply-adds per spectrum, those of the view included."""
        if not self.view.linear:
            return channels * (2 + len(LAGS))
        if self.kind == "network":
            return channels * len(self.counts) * HIDDEN
        return channels * (self.view.window + 2
                           + len(self.counts) * classes)


def candidates(channels: int,
               kinds: tuple[str, ...] = ("linear",)) -> list[Candidate]:
    """All candidates for spectra of so many channels.

    Textures come first: they have few features, so that the time limit never
    excludes the only views that depend on the width of spikes.
    """
    views = [view for view in LINEAR_VIEWS if channels > view.window]
    binnings = [counts for counts in BINNINGS if max(counts) * 2 <= channels]
    linear = [Candidate(view, counts, scaled, kind)
              for counts in binnings for view in views
              for scaled in (False, True) for kind in kinds
              if scaled or kind != "logistic"]
    return textures(channels) + linear


def textures(channels: int) -> list[Candidate]:
    """The candidates that use texture alone."""
    return [
        Candidate(View(f"texture {parts}", normalise=False, parts=parts),
                  (1,), True)
        for parts in TEXTURE_PARTS if channels // parts > 4 * max(LAGS)]


def simplest(channels: int) -> list[Candidate]:
    """The two that are averaged below `statistics.FEW` spectra per class.

    Slopes do not depend on backgrounds; raw intensities, in few bins that
    count alike, are what slopes have lost.
    """
    shape = LINEAR_VIEWS[3] if channels > LINEAR_VIEWS[3].window + 1 else (
        LINEAR_VIEWS[1])
    fine, coarse = ((count,) if channels >= 2 * count else (1,)
                    for count in SIMPLEST_BINS)
    return [Candidate(shape, fine, True),
            Candidate(LINEAR_VIEWS[0], coarse, True, "ridge")]


def network(view: View) -> Candidate:
    """Networks on the whole spectrum."""
    return Candidate(view, (1,) * NETWORKS, False, "network")


def fixed(channels: int) -> Candidate:
    """The default where there is too little data for a choice."""
    if channels <= DEFAULT_VIEW.window or channels < 2 * DEFAULT_BINS:
        return Candidate(LINEAR_VIEWS[1], (1,), False)
    return Candidate(DEFAULT_VIEW, (DEFAULT_BINS,), False)
