"""The permit as a lease, and the device that it drives."""
