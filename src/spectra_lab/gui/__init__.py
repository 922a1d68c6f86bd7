"""The real Karabo GUI against a private Karabo, for tests and screenshots."""
