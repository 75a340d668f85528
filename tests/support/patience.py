"""How long a test waits for a fact, and what "at once" means while others use the machine."""

import time

PATIENCE_S = 60.0
"""Until it says that the fact does not come; only a failure takes as long, and a busy machine is none."""
_PROBE_S = 0.03
"""Of work, to see how fast work gets done."""


def in_time(seconds: float) -> float:
    """What ``seconds`` of a quiet machine are on this one now: as much longer as a little work takes beyond itself."""
    began, worked = time.monotonic(), time.thread_time()
    while time.thread_time() - worked < _PROBE_S:
        pass
    return seconds * max(1.0, (time.monotonic() - began) / _PROBE_S)
