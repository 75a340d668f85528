"""What a client calls itself on a broker, so that nobody else can throw it out, and whether somebody does so.

Whoever connects with another's client id throws that one out, whatever account it has, and mostly without a word.
"""

import hashlib
from collections import deque

from pydantic import SecretStr

from ems.runtime.settings import MqttSettings

_ROUNDS = 50_000
"""So that nobody guesses a short password by the ids in a broker's log; some 20 ms of CPU."""
_BYTES = 8

LOSSES = 4
"""Connections that the broker must have ended in a row, each of them made at once, before another is suspected."""
WINDOW_S = 120.0
"""Time in which that must have happened, in seconds."""
SAID = "Session taken over"
"""MQTT 5's words for it; mosquitto 2.0 just closes the connection."""
CLOSED = "the connection was lost"
"""What is seen of a connection that was closed without a word."""


def unguessable(name: str, settings: MqttSettings, password: SecretStr | None) -> str:
    """``name`` and what follows from the password; ``name`` alone where there is no password.

    It is the same at every start: a new connection ends the one that a power cut left behind, and a service that runs
    twice is noticed.
    """
    if password is None:
        return name
    salt = f"{name}\n{settings.prefix}\n{settings.username}".encode()
    secret = hashlib.pbkdf2_hmac("sha256", password.get_secret_value().encode(), salt, _ROUNDS, _BYTES)
    return f"{name}-{secret.hex()}"


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
