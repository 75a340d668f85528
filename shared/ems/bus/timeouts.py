"""How long a session waits for the broker."""

from dataclasses import dataclass, field

from ems.runtime.retry import Backoff


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In real seconds: an accelerated clock does not make brokers faster."""

    acknowledge_s: float = 10
    """Longest wait for an acknowledgement; then the connection counts as lost."""
    quiet_s: float = 5
    """Time without a further erasure after which wiped facts are published again."""
    forget_s: float = 60
    """Time after a reconnect by which a fact is repeated, or counts as cleared meanwhile."""
    tick_s: float = 5
    """Longest time between two signs of life of an idle session."""
    steady_s: float = 10
    """Age at which a connection was a good one: the wait before the next starts small again."""
    shutdown_s: float = 2
    """Longest wait for what is left to be sent when the session ends."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, max_s=15))
