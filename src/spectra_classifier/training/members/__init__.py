"""One fit for each kind of member."""
