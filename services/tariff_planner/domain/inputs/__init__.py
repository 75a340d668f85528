"""From facts and settings to a problem."""
