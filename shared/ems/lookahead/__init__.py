"""What to switch now by dynamic programming in modes: the battery over what the load may be, the car over its trips."""
