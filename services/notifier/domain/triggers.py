"""When it is worth speaking to somebody: derived from what the bus tells, as it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import EventKind, Goal
from ems.contract.plan import Plan, Prices
from notifier.domain import messages
from notifier.domain.cars import KnownCar
from notifier.domain.throttle import Reason

SPREAD_EUR_PER_KWH = 0.02
"""Where all hours cost the same, none is cheap."""
STEP = timedelta(hours=1)
"""A cheap phase that goes on is told anew at least so often; nearer windows are one."""
PLUG_AHEAD = timedelta(hours=3)
SOON = timedelta(minutes=30)
"""So long before the plan needs it somebody is asked to walk."""
MISSING_KWH = 0.5
REST = timedelta(hours=6)
DONE_PCT = 80


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a charge inquiry is worth it."""

    least_kwh: float = 2
    up_to_soc_pct: float = 80
    cooldown: timedelta = timedelta(hours=4)
    ahead: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that an occasion can come from."""

    now: datetime
    zone: ZoneInfo
    cars: Mapping[str, KnownCar]
    goals: Mapping[str, Goal]
    places: int
    """Loadpoints for cars; 0 when they are not known."""
    prices: Prices | None = None
    plan: Plan | None = None
    thresholds: Thresholds = Thresholds()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A car could charge cheaply: how full?"""

    reason: Reason
    car: KnownCar
    eur_per_kwh: float


@dataclass(frozen=True, slots=True)
class Swap:
    """``car`` should stand where ``other`` does."""

    reason: Reason
    car: KnownCar
    other: KnownCar
    text: Text


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to know; of no use after ``until``."""

    reason: Reason
    vehicle: str | None
    text: Text
    until: datetime | None = None
    event: EventKind | None = None
    """What Home Assistant and others react to, where nobody else says it on the bus."""


type Occasion = Inquiry | Swap | Announcement


def occasions(scene: Scene) -> Iterator[Occasion]:
    """All that would be worth saying now; whether it was said already is for :mod:`notifier.domain.throttle`."""
    cheap = cheap_window(scene)
    for car in scene.cars.values():
        goal = scene.goals.get(car.name)
        if (
            cheap
            and goal is None
            and (car.needs_kwh(scene.thresholds.up_to_soc_pct) or 0) >= scene.thresholds.least_kwh
        ):
            start, end, price = cheap
            yield Inquiry(Reason(f"charge:{car.name}", start, end, scene.thresholds.cooldown), car, price)
        if cheap and goal is not None and _should_be_plugged_in(scene, car, goal, cheap[0]):
            start, end, price = cheap
            text = messages.plug_in(car, goal, start, price, scene.zone)
            yield Announcement(
                Reason(f"plug:{car.name}", start, end, REST), car.name, text, end, EventKind.PLEASE_PLUG_IN
            )
    yield from _risks(scene)
    yield from _planned(scene)
    yield from _swaps(scene)


def cheap_window(scene: Scene) -> tuple[datetime, datetime, float] | None:
    """The cheap window that has begun or is near: its start, its end as far as known, its price in EUR/kWh."""
    prices = scene.prices
    if prices is None or prices.spread_eur_per_kwh < SPREAD_EUR_PER_KWH:
        return None
    coming = prices.next_cheap
    if prices.now_eur_per_kwh <= prices.p30_eur_per_kwh:
        end = coming.end if coming and coming.start <= scene.now else scene.now + STEP
        return scene.now, max(end, scene.now + STEP), prices.now_eur_per_kwh
    if coming is None or coming.start - scene.now > scene.thresholds.ahead or coming.end <= scene.now:
        return None
    return coming.start, coming.end, coming.mean_eur_per_kwh


def _should_be_plugged_in(scene: Scene, car: KnownCar, goal: Goal, start: datetime) -> bool:
    return (
        car.loadpoint is None
        and car.soc_pct is not None
        and car.soc_pct < goal.soc_pct
        and scene.now < start <= scene.now + PLUG_AHEAD
    )


def _risks(scene: Scene) -> Iterator[Announcement]:
    for short in scene.plan.shortfalls if scene.plan else ():
        if short.what == "goal" and short.vehicle and short.missing_kwh >= MISSING_KWH:
            by = short.by or scene.now
            yield Announcement(risk(short.vehicle, by), short.vehicle, short.text, until=short.by)


def risk(vehicle: str, by: datetime) -> Reason:
    """A deadline is at risk: once for each."""
    return Reason(f"risk:{vehicle}", by, by, REST)


def _planned(scene: Scene) -> Iterator[Occasion]:
    """Whom the plan wants to be plugged in soon: where cars share a charger, it says who and when."""
    places = {car.loadpoint: car for car in scene.cars.values() if car.loadpoint}
    seen: set[tuple[str, str]] = set()
    for slot in scene.plan.slots if scene.plan else ():
        if slot.start > scene.now + SOON:
            return
        for device, does in slot.devices.items():
            place, car = device.removeprefix("loadpoint-"), scene.cars.get(does.vehicle or "")
            if car is None or car.loadpoint is not None or (place, car.name) in seen:
                continue
            seen.add((place, car.name))
            end = max(slot.end, scene.now + STEP)
            other = places.get(place)
            if other is None:
                text = messages.plug_in_for_plan(car, slot.start, scene.zone)
                reason = Reason(f"plug:{car.name}", slot.start, end, REST)
                yield Announcement(reason, car.name, text, end, EventKind.PLEASE_PLUG_IN)
            else:
                text = messages.swap_for_plan(car, other, slot.start, scene.zone)
                yield Swap(Reason(f"swap:{car.name}", slot.start, end, REST), car, other, text)


def _swaps(scene: Scene) -> Iterator[Swap]:
    plugged = [car for car in scene.cars.values() if car.loadpoint]
    if not plugged or len(plugged) < scene.places:
        return
    done = next((car for car in plugged if _done(car, scene.goals.get(car.name))), None)
    if done is None:
        return
    for car in scene.cars.values():
        goal = scene.goals.get(car.name)
        waits = car.loadpoint is None and goal is not None and goal.departure is not None
        if waits and goal and (car.needs_kwh(goal.soc_pct) or 0) >= scene.thresholds.least_kwh:
            end = goal.departure or scene.now
            yield Swap(Reason(f"swap:{car.name}", scene.now, end, REST), car, done, messages.swap(car, done))


def _done(car: KnownCar, goal: Goal | None) -> bool:
    return car.soc_pct is not None and car.soc_pct >= (goal.soc_pct if goal else DONE_PCT)
