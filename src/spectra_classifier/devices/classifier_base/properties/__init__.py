"""Properties of classifier and collector."""
