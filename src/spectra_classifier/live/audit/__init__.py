"""Records of what happened and who requested it."""
