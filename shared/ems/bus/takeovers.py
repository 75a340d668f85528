"""Whether somebody else connects with our client id: a broker ends the older connection then, mostly without a word."""

from collections import deque

LOSSES = 4
"""Connections that the broker must have ended in a row, each of them made at once, before another is suspected."""
WINDOW_S = 120.0
"""Time in which that must have happened, in seconds."""
SAID = "Session taken over"
"""MQTT 5's words for it; mosquitto 2.0 just closes the connection."""
CLOSED = "the connection was lost"
"""What is seen of a connection that was closed without a word."""


class Takeovers:
    """The last connections that were ended by the broker."""

    def __init__(self) -> None:
        self._ended_s: deque[float] = deque(maxlen=LOSSES)

    def suspected(self, why: str, *, established: bool, now_s: float) -> bool:
        """Notes that a connection ended, or was not made, for the reason ``why``; whether another client is behind it.

        Args:
            why: the reason, in words.
            established: the broker had let us in.
            now_s: the time, in seconds of a clock that nobody sets.
        """
        if why == SAID:
            return True
        if not established or why != CLOSED:
            self._ended_s.clear()  # it is away, or the network is
            return False
        self._ended_s.append(now_s)
        return len(self._ended_s) == LOSSES and now_s - self._ended_s[0] <= WINDOW_S
