"""How long a test waits for a fact."""

PATIENCE_S = 60.0
"""Until it says that the fact does not come; only a failure takes as long, and a busy machine is none."""
