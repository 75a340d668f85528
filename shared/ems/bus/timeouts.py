"""How patient a session with the broker is."""

from dataclasses import dataclass, field

from ems.runtime.retry import Backoff


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In real seconds: an accelerated clock does not make brokers faster."""

    acknowledge_s: float = 10
    """A broker that acknowledges nothing for so long is taken for lost."""
    quiet_s: float = 5
    """After a wipe, our facts are announced again when so long nothing more was wiped."""
    forget_s: float = 60
    """What nobody repeats for so long after a reconnect was cleared while we were away."""
    tick_s: float = 5
    """At least so often an idle session says that it is alive."""
    steady_s: float = 10
    """A connection that lasted so long was a good one: the next wait starts small again."""
    goodbye_s: float = 2
    """So long what is left may take when the session ends."""
    backoff: Backoff = field(default_factory=lambda: Backoff(first_s=0.5, most_s=15))
