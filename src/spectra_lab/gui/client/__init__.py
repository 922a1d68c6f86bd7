"""What somebody does at the Karabo GUI; a program for its environment."""
