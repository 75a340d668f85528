"""What is worth saying to people at a moment, derived from the newest facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ems.contract.currency import currency
from ems.contract.people import EventKind, Goal
from ems.contract.plan import Plan, Prices
from notifier.domain.cars import KnownCar
from notifier.domain.throttle import Reason
from notifier.domain.wording.news import (
    InOthersWords,
    News,
    PlugInForPlan,
    PlugInForPrice,
)
from notifier.domain.wording.parts import EnergyPrice
from notifier.domain.wording.questions import PleaseSwap, PleaseSwapForPlan

MIN_SPREAD_EUR_PER_KWH = 0.02
"""Smallest spread of prices, in EUR/kWh, with which an hour can be cheap; in other currencies as many times as much
as a kWh usually costs there."""
MIN_WINDOW = timedelta(hours=1)
"""Shortest window that something is told of; those nearer to each other are one."""
PLUG_AHEAD = timedelta(hours=3)
"""Longest lead time of a reminder to plug in before a cheap window."""
SWAP_AHEAD = timedelta(minutes=30)
"""Lead time for asking a driver to plug in or swap cars where the plan needs it."""
MIN_MISSING_KWH = 0.5
"""Smallest shortfall of a goal that is told, in kWh."""
REST = timedelta(hours=6)
"""Time between two reminders about the same car."""
DONE_PCT = 80
"""SoC from which a car without a goal counts as done, in %."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a charge inquiry is worth it."""

    least_kwh: float = 2
    up_to_soc_pct: float = 80
    cooldown: timedelta = timedelta(hours=4)
    ahead: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class HouseSnapshot:
    """The house at one moment: everything that an occasion can come from."""

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
    price: EnergyPrice


@dataclass(frozen=True, slots=True)
class Swap:
    """``car`` should stand where ``other`` does."""

    reason: Reason
    car: KnownCar
    other: KnownCar
    asks: PleaseSwap | PleaseSwapForPlan


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to know; of no use after ``until``."""

    reason: Reason
    vehicle: str | None
    news: News
    until: datetime | None = None
    event: EventKind | None = None
    """What Home Assistant and others react to, where nobody else says it on the bus."""


type Occasion = Inquiry | Swap | Announcement


def occasions(snapshot: HouseSnapshot) -> Iterator[Occasion]:
    """All that is worth saying now, also what was said already: see :mod:`notifier.domain.throttle`."""
    cheap = cheap_window(snapshot)
    for car in snapshot.cars.values():
        goal = snapshot.goals.get(car.name)
        if (
            cheap
            and goal is None
            and (car.needs_kwh(snapshot.thresholds.up_to_soc_pct) or 0) >= snapshot.thresholds.least_kwh
        ):
            start, end, price = cheap
            yield Inquiry(Reason(f"charge:{car.name}", start, end, snapshot.thresholds.cooldown), car, price)
        if cheap and goal is not None and _should_be_plugged_in(snapshot, car, goal, cheap[0]):
            start, end, price = cheap
            news = PlugInForPrice(car.named, goal.soc_pct, start, price)
            yield Announcement(
                Reason(f"plug:{car.name}", start, end, REST), car.name, news, end, EventKind.PLEASE_PLUG_IN
            )
    yield from _risks(snapshot)
    yield from _planned(snapshot)
    yield from _swaps(snapshot)


def cheap_window(snapshot: HouseSnapshot) -> tuple[datetime, datetime, EnergyPrice] | None:
    """The cheap window that has begun or is near: its start, its end as far as known, its price."""
    prices = snapshot.prices
    if prices is None or prices.spread_eur_per_kwh < _min_spread(prices.currency):
        return None
    coming = prices.next_cheap
    if prices.now_eur_per_kwh <= prices.p30_eur_per_kwh:
        end = coming.end if coming and coming.start <= snapshot.now else snapshot.now + MIN_WINDOW
        price = EnergyPrice(prices.now_eur_per_kwh, prices.currency)
        return snapshot.now, max(end, snapshot.now + MIN_WINDOW), price
    if coming is None or coming.start - snapshot.now > snapshot.thresholds.ahead or coming.end <= snapshot.now:
        return None
    return coming.start, coming.end, EnergyPrice(coming.mean_eur_per_kwh, prices.currency)


def _min_spread(code: str) -> float:
    here, euro = currency(code).kwh_up_to, currency("EUR").kwh_up_to
    return MIN_SPREAD_EUR_PER_KWH * (here / euro if here and euro else 1)


def _should_be_plugged_in(snapshot: HouseSnapshot, car: KnownCar, goal: Goal, start: datetime) -> bool:
    return (
        car.loadpoint is None
        and car.soc_pct is not None
        and car.soc_pct < goal.soc_pct
        and snapshot.now < start <= snapshot.now + PLUG_AHEAD
    )


def _risks(snapshot: HouseSnapshot) -> Iterator[Announcement]:
    for short in snapshot.plan.shortfalls if snapshot.plan else ():
        if short.what == "goal" and short.vehicle and short.missing_kwh >= MIN_MISSING_KWH:
            by = short.by or snapshot.now
            yield Announcement(risk(short.vehicle, by), short.vehicle, InOthersWords(short.text), until=short.by)


def risk(vehicle: str, by: datetime) -> Reason:
    """A deadline is at risk: once for each."""
    return Reason(f"risk:{vehicle}", by, by, REST)


def _planned(snapshot: HouseSnapshot) -> Iterator[Occasion]:
    """Whom the plan wants to be plugged in soon: where cars share a charger, it says who and when."""
    places = {car.loadpoint: car for car in snapshot.cars.values() if car.loadpoint}
    seen: set[tuple[str, str]] = set()
    for slot in snapshot.plan.slots if snapshot.plan else ():
        if slot.start > snapshot.now + SWAP_AHEAD:
            return
        for device, does in slot.devices.items():
            place, car = device.removeprefix("loadpoint-"), snapshot.cars.get(does.vehicle or "")
            if car is None or car.loadpoint is not None or (place, car.name) in seen:
                continue
            seen.add((place, car.name))
            end = max(slot.end, snapshot.now + MIN_WINDOW)
            other = places.get(place)
            if other is None:
                news = PlugInForPlan(car.named, slot.start)
                reason = Reason(f"plug:{car.name}", slot.start, end, REST)
                yield Announcement(reason, car.name, news, end, EventKind.PLEASE_PLUG_IN)
            else:
                asks = PleaseSwapForPlan(car.named, other.named, slot.start)
                yield Swap(Reason(f"swap:{car.name}", slot.start, end, REST), car, other, asks)


def _swaps(snapshot: HouseSnapshot) -> Iterator[Swap]:
    plugged = [car for car in snapshot.cars.values() if car.loadpoint]
    if not plugged or len(plugged) < snapshot.places:
        return
    done = next((car for car in plugged if _done(car, snapshot.goals.get(car.name))), None)
    if done is None:
        return
    for car in snapshot.cars.values():
        goal = snapshot.goals.get(car.name)
        waits = car.loadpoint is None and goal is not None and goal.departure is not None
        if waits and goal and (car.needs_kwh(goal.soc_pct) or 0) >= snapshot.thresholds.least_kwh:
            end = goal.departure or snapshot.now
            yield Swap(
                Reason(f"swap:{car.name}", snapshot.now, end, REST), car, done, PleaseSwap(car.named, done.named)
            )


def _done(car: KnownCar, goal: Goal | None) -> bool:
    return car.soc_pct is not None and car.soc_pct >= (goal.soc_pct if goal else DONE_PCT)
