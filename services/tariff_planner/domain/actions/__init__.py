"""A solution as modes that evcc knows, and as messages."""
