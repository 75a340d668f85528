"""Polls evcc's state every few seconds and publishes it; detects when evcc is unreachable or was restarted."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from ems.bus.api import Bus
from ems.contract.message import Message
from ems.contract.site import Loadpoint, OptimizerScope, Site, TariffKind
from ems.contract.topic import Topic
from ems.contract.topics import EVENT, LOADPOINT, PREFIX, SITE
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import EvccDown
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain import republish
from evcc_poller.domain.events import LastSeen, car_event, detect_events
from evcc_poller.domain.observation import Observation, ToldChange
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.parsing.state import (
    EvccFacts,
    erased,
    read_state,
    unreachable_site,
    unreadable,
    unusable,
    with_problem,
)
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.domain.wording.renderer import GatewayWording
from evcc_poller.polling.observation_channel import ObservationChannel
from evcc_poller.polling.tariff_poller import TariffPoller

_log = structlog.get_logger(__name__)

MAX_FAILURES = 3
"""Consecutive failed polls after which evcc counts as unreachable, and after which a missing loadpoint as removed."""
MAX_SILENCE = timedelta(seconds=30)
"""Longest time without a successful poll before evcc counts as unreachable."""
CONFLICT_MEMORY = timedelta(minutes=15)
"""Time for which evcc's own optimizer counts as active after evcc refused a write because of it."""
DEFAULT_INTERVAL_S, ASKING = 30.0, timedelta(seconds=30)
"""Evcc's own control cycle, in each of which it asks one charger, and the longest time that a charger may take."""
LEAVING = timedelta(seconds=3)
"""Longest time from evcc's first word that a car has left to its last."""
MAX_TOLD, TOLD_MEMORY = 200, timedelta(seconds=10)
"""Most changes told by evcc that are remembered, and how long."""
RETRY_S = 3
"""Pause after a failed poll in seconds, until evcc counts as unreachable."""
MIN_PAUSE_S = 0.2
"""Shortest pause between two polls in seconds, however often evcc rings."""
CLOSE_WATCH_S, CLOSE_PAUSE_S = 3.0, 0.1
"""After a sign of a restart evcc is asked this often, for this long: it is away for half a second at least."""


class StatePoller:
    """Polls one evcc."""

    def __init__(
        self,
        bus: Bus,
        evcc: Evcc,
        names: VehicleNames,
        tariffs: TariffPoller,
        observations: ObservationChannel,
        wording: GatewayWording,
        listeners: Sequence[Callable[[Observation], Awaitable[None]]] = (),
        prefix: str = PREFIX,
    ) -> None:
        self._prefix, self._wording = prefix, wording.events
        self._bus, self._evcc, self._names, self._tariffs = bus, evcc, names, tariffs
        self._observations, self._listeners = observations, listeners
        self._site: Site | None = None
        self._failures, self._down = 0, False
        self._last_good = bus.clock.steady()
        self._polling = asyncio.Lock()
        self._rung = asyncio.Event()
        self._suspected = asyncio.Event()
        self._connected_since: dict[int, datetime] = {}
        self._unasked_since: dict[int, datetime] = {}
        self._over_since: dict[int, datetime] = {}
        observations.poll_unless_fresh, observations.poll_in = self.poll_unless_fresh, self.poll_in
        self._published: dict[str, tuple[Message, datetime]] = {}
        self._seen: dict[int, LastSeen] = {}
        self._counts: deque[int] = deque(maxlen=MAX_FAILURES)
        self._retained = bus.watch(LOADPOINT)
        self._told: deque[ToldChange] = deque(maxlen=MAX_TOLD)
        self._conflicts = 0
        self._conflict_at: datetime | None = None
        self._problems: frozenset[str] = frozenset()

    async def run(self, interval_s: float) -> None:
        """Polls every ``interval_s`` seconds and whenever evcc rings, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_restarts())
            await self._poll_forever(interval_s)

    async def _poll_forever(self, interval_s: float) -> None:
        clock = self._bus.clock
        while True:
            began = clock.monotonic()
            self._rung.clear()
            await self.poll()
            pause_s = min(interval_s, RETRY_S) if 0 < self._failures < MAX_FAILURES else interval_s
            await self._pause(max(0.0, began + pause_s - clock.monotonic()))
            await clock.sleep(max(0.0, began + MIN_PAUSE_S - clock.monotonic()))

    async def _pause(self, seconds: float) -> None:
        """Until ``seconds`` have passed, or evcc rings."""
        waits = [asyncio.ensure_future(self._bus.clock.sleep(seconds)), asyncio.ensure_future(self._rung.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def ring(self) -> None:
        """Has evcc polled at once."""
        self._rung.set()

    def hear(self, source: str, topic: str, value: str) -> None:
        """Something has changed in evcc, by its own word; it is polled at once."""
        at = self._bus.clock.steady()
        match topic.split("/"):
            case ["loadpoints", number, setting] if number.isdigit():
                self._told.append(ToldChange(at, source, int(number), setting, value))
            case ["site", setting]:
                self._told.append(ToldChange(at, source, None, setting, value))
        self.ring()

    def poll_in(self, seconds: float) -> None:
        """Has evcc polled in ``seconds`` (of the real clock), to see what became of a write."""
        asyncio.get_running_loop().call_later(seconds, self.ring)

    def suspect_restart(self) -> None:
        """A connection to evcc has dropped, or evcc told the broker of its presence: it may have been restarted."""
        self._suspected.set()
        self._rung.set()

    async def _watch_restarts(self) -> None:
        """Looks, beside the polls, whether evcc is really away: a network that dropped a connection is no restart."""
        clock = self._bus.clock
        while True:
            await self._suspected.wait()
            self._suspected.clear()
            until = clock.monotonic() + CLOSE_WATCH_S
            while not self._down and clock.monotonic() < until:
                try:
                    await self._evcc.state()
                except EvccDown as error:
                    self._down = True
                    _log.info("evcc was restarted, or is away", why=str(error))
                    self._rung.set()
                except (TransientError, PermanentError):
                    pass  # A slow answer says nothing of a restart.
                await clock.sleep(CLOSE_PAUSE_S)

    async def poll(self) -> None:
        """Polls once."""
        async with self._polling:
            await self._poll()

    async def poll_unless_fresh(self, age: timedelta) -> None:
        """Polls once, unless a poll that is under way already brings what is no older than ``age``."""
        async with self._polling:
            if self._bus.clock.steady() - self._last_good > age:
                await self._poll()

    async def _poll(self) -> None:
        at, steady_at = self._bus.clock.now(), self._bus.clock.steady()
        # What is answered only after evcc was seen away may have been read before: the next poll is then the first.
        restarted = self._down
        try:
            state = await self._evcc.state()
        except (TransientError, PermanentError) as error:
            await self._handle_failure(at, steady_at, error)
            return
        found = read_state(state, at, self._names)
        found = replace(found, loadpoints=tuple(self._with_stay(lp, steady_at) for lp in found.loadpoints))
        found = self._with_overdue(found, steady_at)
        self._failures, self._last_good = 0, steady_at
        if restarted:
            self._down = False
        self._site = self._completed(found, at, steady_at)
        self._report_health(found)
        self._publish_facts(found)
        await self._distribute(
            Observation(
                at=at,
                site=self._site,
                loadpoints=found.loadpoints,
                loadpoint_count=self._loadpoint_count(),
                unasked=found.unasked,
                leaving=self._leaving(found, steady_at),
                steady_at=steady_at,
                restarted=restarted,
                external_untouched=found.external_untouched,
                told=tuple(change for change in self._told if steady_at - change.at < TOLD_MEMORY),
                battery_grid_charge_limit=found.battery_grid_charge_limit,
            )
        )

    def _with_stay(self, loadpoint: Loadpoint, at: datetime) -> Loadpoint:
        """``loadpoint`` with how long its car is there, by our own count: evcc does not tell it."""
        if not loadpoint.connected:
            self._connected_since[loadpoint.id] = at
            return loadpoint
        since = self._connected_since.get(loadpoint.id)
        # A car that was there before us may be there for any time.
        return (
            loadpoint if since is None else loadpoint.model_copy(update={"connected_s": (at - since).total_seconds()})
        )

    def _with_overdue(self, found: EvccFacts, at: datetime) -> EvccFacts:
        """``found`` with the loadpoints among its problems that evcc should have asked by now."""
        self._unasked_since = {n: self._unasked_since.get(n, at) for n in found.unasked}
        cycle = timedelta(seconds=found.site.evcc.interval_s or DEFAULT_INTERVAL_S)
        grace = (found.loadpoint_count + 1) * cycle + ASKING
        overdue = [n for n, since in self._unasked_since.items() if at - since > grace]
        if not overdue:
            return found
        problems = (*found.problems, *(f"loadpoints[{n - 1}].connected is not there" for n in overdue))
        evcc = with_problem(found.site.evcc, found.fatal or unreadable(problems))
        return replace(found, problems=problems, site=found.site.model_copy(update={"evcc": evcc}))

    def _leaving(self, found: EvccFacts, at: datetime) -> tuple[int, ...]:
        """The loadpoints whose car has just left; not for long, or an evcc that counts during a stay shows no car."""
        self._over_since = {n: self._over_since.get(n, at) for n in found.stays_over}
        return tuple(n for n, since in self._over_since.items() if at - since < LEAVING)

    async def _handle_failure(self, at: datetime, steady_at: datetime, error: TransientError | PermanentError) -> None:
        self._failures += 1
        # A slow answer is no restart: taking it for one would overrule what a person has just set.
        self._down = self._down or isinstance(error, EvccDown)
        if self._failures == 1:
            _log.info("evcc does not answer", why=str(error))
        now = self._bus.clock.steady()
        if self._failures < MAX_FAILURES and now - self._last_good < MAX_SILENCE:
            return
        trouble = troubles.EvccUnanswered(str(error))
        self._bus.health.failed("evcc", trouble)
        gone = unreachable_site(self._site, at, trouble)
        self._publish_if_due("site", SITE, gone)
        await self._distribute(Observation(at=at, site=gone, steady_at=steady_at))

    async def _distribute(self, observation: Observation) -> None:
        self._observations.put(observation)
        for listener in self._listeners:
            await listener(observation)

    def _completed(self, found: EvccFacts, at: datetime, steady_at: datetime) -> Site:
        """The site with what evcc's state alone does not tell."""
        site = found.site
        if self._evcc.conflicts != self._conflicts:
            self._conflicts, self._conflict_at = self._evcc.conflicts, steady_at
        conflict = self._conflict_at is not None and steady_at - self._conflict_at < CONFLICT_MEMORY
        # A refusal says less than evcc's own word: it comes for some settings only, whatever is steered.
        if conflict and not found.tells_optimizer:
            site = site.model_copy(
                update={
                    "evcc": site.evcc.model_copy(
                        update={"optimizer_active": True, "optimizer_scope": OptimizerScope.ALL}
                    )
                }
            )
        price = site.import_eur_per_kwh
        if self._tariffs.outdated(TariffKind.GRID):
            # evcc goes on showing the last price when its rates are outdated; ours then counts, or none.
            price = rates.value_at(self._tariffs.get(TariffKind.GRID), at)
        # In Home Assistant the words stand beside whether evcc can be reached.
        evcc = site.evcc
        if evcc.problem is None:
            evcc = with_problem(evcc, erased(evcc.mqtt_root, self._prefix))
        return site.model_copy(update={"import_eur_per_kwh": price, "evcc": evcc})

    def _report_health(self, found: EvccFacts) -> None:
        health = self._bus.health
        if self._site is not None and self._site.evcc.optimizer_active:
            whole = self._site.evcc.optimizer_has_loadpoints
            health.degraded("optimizer", troubles.EvccSteers(loadpoints=whole))
        else:
            health.ok("optimizer")
        if found.fatal:
            health.failed("evcc", found.fatal)
        else:
            health.ok("evcc")
        # evcc shows its state piece by piece as it starts: what is missing only once is not worth a word.
        lasting = tuple(problem for problem in found.problems if problem in self._problems)
        self._problems = frozenset(found.problems)
        if not_read := unreadable(lasting):
            health.degraded("state", not_read)
        else:
            health.ok("state")
        if root := erased(found.site.evcc.mqtt_root, self._prefix):
            health.degraded("mqtt-root", root)
        else:
            health.ok("mqtt-root")
        if names := unusable(found.unusable_names):
            health.degraded("vehicles", names)
        else:
            health.ok("vehicles")

    def _publish_facts(self, found: EvccFacts) -> None:
        if self._site is not None:
            self._publish_if_due("site", SITE, self._site)
        for loadpoint in found.loadpoints:
            self._publish_if_due(f"loadpoint/{loadpoint.id}", LOADPOINT, loadpoint, id=str(loadpoint.id))
            self._publish_events(loadpoint)
        if not found.fatal:
            self._counts.append(found.loadpoint_count)
            self._forget_loadpoints()

    def _loadpoint_count(self) -> int | None:
        """Number of loadpoints: evcc may show few while it starts, and only what lasts counts."""
        return max(self._counts) if len(self._counts) == MAX_FAILURES else None

    def _forget_loadpoints(self) -> None:
        """Clears the retained facts of loadpoints that evcc no longer has, those of earlier runs too."""
        count = self._loadpoint_count()
        if count is None:
            return
        there = {str(number + 1) for number in range(count)}
        for key in ({str(number) for number in self._seen} | set(self._retained.items())) - there:
            self._bus.clear(LOADPOINT, id=key)
            self._published.pop(f"loadpoint/{key}", None)
        self._seen = {number: seen for number, seen in self._seen.items() if number <= count}

    def _publish_events(self, loadpoint: Loadpoint) -> None:
        self._seen[loadpoint.id], events = detect_events(self._seen.get(loadpoint.id), loadpoint)
        for seen in events:
            event = car_event(seen, self._wording.text(seen.happened, self._bus.clock.now()))
            _log.info("event", event_type=event.event_type, text=event.text.en)
            self._bus.publish(EVENT, event, event=event.event_type)

    def _publish_if_due[M: Message](self, key: str, topic: Topic[M], new: M, **names: str) -> None:
        now = self._bus.clock.steady()
        last, last_at = self._published.get(key, (None, None))
        if republish.due(last, last_at, new, now):
            self._published[key] = (new, now)
            self._bus.publish(topic, new, **names)
