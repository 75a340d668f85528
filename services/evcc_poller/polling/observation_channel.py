"""Passes observations from polling to control, and control's wish for a newer one back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from evcc_poller.domain.observation import Observation


class ObservationChannel:
    """Holds the newest observation for one consumer; observations it was too busy for are merged into the newest."""

    def __init__(self) -> None:
        self._latest: Observation | None = None
        self._restarted = False
        self._news = asyncio.Event()
        self.poll_unless_fresh: Callable[[timedelta], Awaitable[None]] | None = None
        """Makes an observation no older than that before it returns; set by who polls."""
        self.poll_in: Callable[[float], None] | None = None
        """Has a new observation made in some seconds; set by who polls."""

    @property
    def latest(self) -> Observation | None:
        """The newest observation, or None before the first."""
        return self._latest

    def put(self, observation: Observation) -> None:
        """Publishes an observation to the consumer; merges unread ones."""
        self._latest = observation
        self._restarted = self._restarted or observation.restarted
        self._news.set()

    def take(self) -> Observation | None:
        """The newest observation that was not returned yet, or None; a restart in a merged one is kept."""
        if not self._news.is_set() or self._latest is None:
            return None
        self._news.clear()
        newest, self._restarted = replace(self._latest, restarted=self._restarted), False
        return newest

    async def next(self) -> Observation:
        """Waits for an observation that was not returned yet; a restart in a merged one is kept."""
        while True:
            await self._news.wait()
            if (newest := self.take()) is not None:
                return newest
