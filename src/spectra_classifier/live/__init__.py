"""The live path of a train, independent of Karabo."""
