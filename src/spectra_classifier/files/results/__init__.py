"""Results of offline classification, as NeXus."""
