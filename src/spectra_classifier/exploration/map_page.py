"""An exploration as one HTML file with everything in it."""
import numpy as np

from ..core.dataset import Dataset
from ..core.page import image, note, page, table, verdict
from . import pictures
from .clusters import Clusters, summary

_NEXT = (
    "What to do next: look at the spectra above and decide which clusters are "
    "states of the sample. Write them as captures with names, "
    "spectra-classifier explore DATA --write captures.npz --name 0=low "
    "--name 1=high, and train a model on these. The clusters were chosen by "
    "the data, so the accuracy of such a model only shows that they "
    "differ: confirm it with captures of known states before arming.")


def html(name: str, dataset: Dataset, found: Clusters) -> str:
    """The page of the clusters of a data set."""
    rows = []
    for number in range(found.count):
        own = np.flatnonzero(found.labels == number)
        rows.append((number, len(own), f"{len(own) / len(dataset):.1%}",
                     int(own[0]), int(own[-1])))
    return page(f"Map of {name}", [
        verdict(summary(found)),
        "<h2>Map</h2>", image(pictures.by_cluster_and_time(found), "map"),
        note("Every point is a spectrum at the place of the mean it belongs "
             f"to ({found.averaged} spectra). Pedestal, gain, intensity and a "
             "moving axis have been taken off."),
        "<h2>Clusters against time</h2>",
        image(pictures.against_time(found), "time"),
        note("Grey: 95 % interval of a change."),
        table("Clusters", ["cluster", "spectra", "share", "first", "last"],
              rows),
        table("Changes", ["from", "to", "spectrum", "95 % interval"],
              [(each.before, each.after, each.at, f"{each.low} - {each.high}")
               for each in found.changes]),
        "<h2>Spectra</h2>",
        image(pictures.spectra(dataset, found), "spectra"),
        note("Above: mean of a cluster, band: standard deviation of single "
             "spectra. Below: difference from cluster 0, band: 95 % interval "
             "of the difference."),
        verdict(_NEXT)])
