"""A plan in words: why, what binds, what else it would have cost."""
