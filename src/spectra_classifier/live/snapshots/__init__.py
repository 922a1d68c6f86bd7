"""Raw trains around an event, kept on disk."""
