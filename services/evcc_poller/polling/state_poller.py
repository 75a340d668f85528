"""Looks at evcc every few seconds and tells the bus; notices when evcc is away, and when it was started anew."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ems.bus.api import Bus
from ems.contract.message import Message
from ems.contract.site import Loadpoint, Site, Tariff, TariffKind
from ems.contract.topic import Topic
from ems.contract.topics import EVENT, LOADPOINT, SITE
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import EvccDown
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain import events as happenings
from evcc_poller.domain import republish
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.parsing import state as facts
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.polling.observation_channel import ObservationChannel

_log = structlog.get_logger(__name__)

FAILURES = 3
"""So many failed looks in a row make evcc unreachable, and so many without a loadpoint make it gone."""
SILENCE = timedelta(seconds=30)
"""So long without a good look does, too."""
OPTIMIZER = timedelta(minutes=15)
"""So long evcc's own optimizer counts as active after it turned a write of ours down."""
RETRY_S = 3
"""A failed look is repeated so soon, until evcc counts as unreachable."""


class KnownTariffs(Protocol):
    """What the tariffs' shell knows."""

    def get(self, kind: TariffKind) -> Tariff | None:
        """The last good rates."""

    def outdated(self, kind: TariffKind) -> bool:
        """Whether evcc itself has none any more."""


class StatePoller:
    """One evcc, looked at again and again."""

    def __init__(
        self,
        bus: Bus,
        evcc: Evcc,
        names: VehicleNames,
        tariffs: KnownTariffs,
        observations: ObservationChannel,
        listeners: Sequence[Callable[[Observation], Awaitable[None]]] = (),
    ) -> None:
        self._bus, self._evcc, self._names, self._tariffs = bus, evcc, names, tariffs
        self._observations, self._listeners = observations, listeners
        self._site: Site | None = None
        self._failures, self._down = 0, False
        self._last_good = bus.clock.now()
        self._said: dict[str, tuple[Message, datetime]] = {}
        self._seen: dict[int, happenings.Seen] = {}
        self._counts: deque[int] = deque(maxlen=FAILURES)
        self._retained = bus.watch(LOADPOINT)
        self._conflicts = 0
        self._conflict_at: datetime | None = None
        self._problems: frozenset[str] = frozenset()

    async def run(self, interval_s: float) -> None:
        """Looks every ``interval_s`` seconds, until cancelled."""
        clock = self._bus.clock
        while True:
            began = clock.monotonic()
            await self.look()
            pause_s = min(interval_s, RETRY_S) if 0 < self._failures < FAILURES else interval_s
            await clock.sleep(max(0.0, began + pause_s - clock.monotonic()))

    async def look(self) -> None:
        """Looks once."""
        at = self._bus.clock.now()
        try:
            state = await self._evcc.state()
        except (TransientError, PermanentError) as error:
            await self._missed(at, error)
            return
        found = facts.read(state, at, self._names)
        restarted, self._down, self._failures, self._last_good = self._down, False, 0, at
        self._site = self._completed(found.site, at)
        self._tell_health(found)
        self._tell(found)
        await self._hand_over(
            Observation(
                at=at,
                site=self._site,
                loadpoints=found.loadpoints,
                loadpoint_count=self._loadpoint_count(),
                restarted=restarted,
                external_untouched=found.external_untouched,
                battery_grid_charge_limit=found.battery_grid_charge_limit,
            )
        )

    async def _missed(self, at: datetime, error: TransientError | PermanentError) -> None:
        self._failures += 1
        # A slow answer is no restart: taking it for one would overrule what a person has just set.
        self._down = self._down or isinstance(error, EvccDown)
        _log.warning("evcc does not answer", why=str(error), times=self._failures)
        now = self._bus.clock.now()
        if self._failures < FAILURES and now - self._last_good < SILENCE:
            return
        self._bus.health.failed("evcc", str(error))
        gone = facts.away(self._site, at, str(error))
        self._say("site", SITE, gone)
        await self._hand_over(Observation(at=at, site=gone))

    async def _hand_over(self, observation: Observation) -> None:
        self._observations.put(observation)
        for listener in self._listeners:
            await listener(observation)

    def _completed(self, site: Site, at: datetime) -> Site:
        """The site with what its state alone does not tell."""
        if self._evcc.conflicts != self._conflicts:
            self._conflicts, self._conflict_at = self._evcc.conflicts, at
        conflict = self._conflict_at is not None and at - self._conflict_at < OPTIMIZER
        evcc = site.evcc.model_copy(update={"optimizer_active": site.evcc.optimizer_active or conflict})
        price = site.import_eur_per_kwh
        if self._tariffs.outdated(TariffKind.GRID):
            # evcc goes on showing the last price when its rates are outdated; ours then counts, or none.
            price = rates.value_at(self._tariffs.get(TariffKind.GRID), at)
        return site.model_copy(update={"evcc": evcc, "import_eur_per_kwh": price})

    def _tell_health(self, found: facts.EvccFacts) -> None:
        health = self._bus.health
        if found.fatal:
            health.failed("evcc", found.fatal)
        else:
            health.ok("evcc")
        # evcc shows its state piece by piece as it starts: what is missing only once is not worth a word.
        lasting = tuple(problem for problem in found.problems if problem in self._problems)
        self._problems = frozenset(found.problems)
        if lasting:
            health.degraded("state", facts.in_words(lasting))
        else:
            health.ok("state")
        if found.unusable_names:
            health.degraded("vehicles", "; ".join(self._names.unusable(name) for name in found.unusable_names))
        else:
            health.ok("vehicles")

    def _tell(self, found: facts.EvccFacts) -> None:
        if self._site is not None:
            self._say("site", SITE, self._site)
        for loadpoint in found.loadpoints:
            self._say(f"loadpoint/{loadpoint.id}", LOADPOINT, loadpoint, id=str(loadpoint.id))
            self._notice(loadpoint)
        if not found.fatal:
            self._counts.append(found.loadpoint_count)
            self._forget_loadpoints()

    def _loadpoint_count(self) -> int | None:
        """How many evcc has: while it starts it may have few, and only what lasts counts."""
        return max(self._counts) if len(self._counts) == FAILURES else None

    def _forget_loadpoints(self) -> None:
        """A loadpoint that evcc no longer has must not stand there for ever, whoever of our runs has told it."""
        count = self._loadpoint_count()
        if count is None:
            return
        there = {str(number + 1) for number in range(count)}
        for key in ({str(number) for number in self._seen} | set(self._retained.items())) - there:
            self._bus.clear(LOADPOINT, id=key)
            self._said.pop(f"loadpoint/{key}", None)
        self._seen = {number: seen for number, seen in self._seen.items() if number <= count}

    def _notice(self, loadpoint: Loadpoint) -> None:
        self._seen[loadpoint.id], events = happenings.notice(self._seen.get(loadpoint.id), loadpoint)
        for event in events:
            _log.info("event", event_type=event.event_type, text=event.text.en)
            self._bus.publish(EVENT, event, event=event.event_type)

    def _say[M: Message](self, key: str, topic: Topic[M], new: M, **names: str) -> None:
        now = self._bus.clock.now()
        said, said_at = self._said.get(key, (None, None))
        if republish.due(said, said_at, new, now):
            self._said[key] = (new, now)
            self._bus.publish(topic, new, **names)
