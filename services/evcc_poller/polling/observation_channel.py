"""The seam between the halves: the reading half puts every look at evcc here, the control half waits for it."""

import asyncio
from dataclasses import replace

from evcc_poller.domain.observation import Observation


class ObservationChannel:
    """The newest look at evcc. One listener; looks that it was too busy for are merged into the newest."""

    def __init__(self) -> None:
        self._latest: Observation | None = None
        self._restarted = False
        self._news = asyncio.Event()

    @property
    def latest(self) -> Observation | None:
        """The newest look, or None before the first."""
        return self._latest

    def put(self, observation: Observation) -> None:
        """Hands a look over."""
        self._latest = observation
        self._restarted = self._restarted or observation.restarted
        self._news.set()

    async def next(self) -> Observation:
        """The newest look that was not given out yet; a restart between them is not lost."""
        await self._news.wait()
        self._news.clear()
        if self._latest is None:
            raise RuntimeError("news without an observation")
        newest, self._restarted = replace(self._latest, restarted=self._restarted), False
        return newest
