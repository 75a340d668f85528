"""Records the history and counts energy."""
