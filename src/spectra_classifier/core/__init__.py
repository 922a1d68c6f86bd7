"""Numbers only: from spectra to labels, states and the permit."""
