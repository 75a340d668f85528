"""Who makes the decisions: this process, or workers that plan for many homes."""

import asyncio

import structlog

from ems.bus.api import Bus
from ems.i18n.health import troubles
from ems.service import memory
from tariff_planner.adapters.order_codec import NotReadable, order_bytes, read_answer
from tariff_planner.domain.decision.decide import Decision, DecisionInputs, NotPossible, decide
from tariff_planner.domain.decision.order import NotPlanned, OrderAnswer, Planned, order
from tariff_planner.settings import WorkerSettings

ATTEMPTS = 2
"""How often an order is given: the worker that took the first one may have died with it."""

_log = structlog.get_logger(__name__)


class Decider:
    """Decides off the event loop. Workers know nothing of a home but the order; what they do not do is done here."""

    def __init__(self, bus: Bus, workers: WorkerSettings | None) -> None:
        self._bus, self._workers = bus, workers

    async def decide(self, inputs: DecisionInputs) -> Decision:
        """The decision.

        Raises:
            NotPossible: see :func:`tariff_planner.domain.decision.decide.decide`.
            ValueError: the facts are none that can be planned with.
        """
        if self._workers is not None:
            match await self._ordered(self._workers, inputs):
                case NotPlanned(impossible=words, odd=odd):
                    raise ValueError(odd) if words is None else NotPossible(words)
                case Planned() as planned:
                    return planned
        try:
            return await asyncio.to_thread(decide, inputs)
        finally:
            memory.give_back()

    async def _ordered(self, workers: WorkerSettings, inputs: DecisionInputs) -> OrderAnswer | None:
        """What a worker answered; None, and degraded health, when none did."""
        payload = await asyncio.to_thread(lambda: order_bytes(order(inputs)))
        for attempt in range(ATTEMPTS):
            try:
                answer = read_answer(await self._bus.request_bytes(workers.topic, payload, timeout_s=workers.timeout_s))
            except TimeoutError:
                _log.warning("no worker answers", topic=workers.topic, attempt=attempt + 1)
            except NotReadable as why:
                self._bus.health.degraded("workers", troubles.WorkerUnreadable(str(why)))
                return None
            else:
                self._bus.health.ok("workers")
                return answer
        self._bus.health.degraded("workers", troubles.WorkersAway(workers.topic))
        return None
