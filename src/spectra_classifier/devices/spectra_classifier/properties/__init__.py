"""Properties of the classifier alone."""
