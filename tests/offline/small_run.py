"""Spectra of two states, pulse by pulse, in a run."""
import numpy as np

TRAINS, FRAMES, CHANNELS = 12, 6, 40


def spectra_of(labels, seed=0):
    """uint16 spectra (..., CHANNELS): a peak on the left or on the right."""
    random = np.random.default_rng(seed)
    labels = np.asarray(labels)
    place = np.where(labels, 25, 5)[..., None]
    peak = np.exp(-(np.arange(CHANNELS) - place)**2 / 8)
    return (400 * peak + random.normal(80, 4, peak.shape)).astype(np.uint16)


def true_labels():
    """(TRAINS, FRAMES): every third train is hot, and its last frame not."""
    labels = np.zeros((TRAINS, FRAMES), np.int8)
    labels[::3] = 1
    labels[:, -1] = 0
    return labels
