"""The battery's mode by dynamic programming over what the load may be."""
