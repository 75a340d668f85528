"""The home battery: its state machine, and what belongs to it alone."""
