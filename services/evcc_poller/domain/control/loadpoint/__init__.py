"""A loadpoint: its state machine, and what belongs to it alone."""
