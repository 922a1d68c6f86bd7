"""From raw frames to the spectra that members see."""
