"""Passes observations from polling to control."""

import asyncio
from dataclasses import replace

from evcc_poller.domain.observation import Observation


class ObservationChannel:
    """Holds the newest observation for one consumer; observations it was too busy for are merged into the newest."""

    def __init__(self) -> None:
        self._latest: Observation | None = None
        self._restarted = False
        self._news = asyncio.Event()

    @property
    def latest(self) -> Observation | None:
        """The newest observation, or None before the first."""
        return self._latest

    def put(self, observation: Observation) -> None:
        """Publishes an observation to the consumer; merges unread ones."""
        self._latest = observation
        self._restarted = self._restarted or observation.restarted
        self._news.set()

    async def next(self) -> Observation:
        """Waits for an observation that was not returned yet; a restart in a merged one is kept."""
        await self._news.wait()
        self._news.clear()
        if self._latest is None:
            raise RuntimeError("news without an observation")
        newest, self._restarted = replace(self._latest, restarted=self._restarted), False
        return newest
