"""The live path of a train, without Karabo."""
