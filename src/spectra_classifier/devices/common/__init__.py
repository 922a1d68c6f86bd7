"""What several devices share at the Karabo border."""
