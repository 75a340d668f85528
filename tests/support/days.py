"""Six days as a home has them, each with all that is said about it: for golden texts, to be read aloud."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ems.contract.message import Language, Text
from ems.contract.people import Goal
from ems.contract.plan import Plan
from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Loadpoint, LoadpointMode, Rate, Site
from support.evening import BERLIN, QUARTER
from tariff_planner.domain.decision.decide import DecisionInputs, decide
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.late_goals import LateGoal
from tariff_planner.domain.inputs.rules import BatteryRules, GridRules, VehicleRules

HOUR = timedelta(hours=1)
_CHEAP_NIGHT = [24, 22, 21, 20, 20, 22, 27, 34, 36, 33, 29, 27, 26, 26, 28, 31, 36, 42, 45, 43, 37, 32, 29, 26]
_SUNNY = [25, 24, 24, 23, 23, 24, 28, 30, 26, 18, 10, 5, 3, 2, 4, 8, 14, 22, 30, 34, 33, 31, 28, 26]
_NEGATIVE = [22, 20, 19, 18, 18, 19, 24, 26, 18, 6, -4, -9, -12, -12, -8, -3, 5, 15, 26, 31, 30, 28, 25, 23]


def day(name: str) -> Plan:
    """The plan of that day, as it is decided."""
    return decide(DAYS[name]()).plan


def told(plan: Plan) -> Iterator[Text | None]:
    """All that is said of a plan, in the order in which people read it; None between devices."""
    yield plan.summary
    for shortfall in plan.shortfalls:
        yield shortfall.text
    yield from plan.problems
    device = None
    for e in plan.explanations:
        if e.device != device:
            yield None
        device = e.device
        yield from (text for text in (e.text, e.alternative, *e.limits) if text is not None)


def page(plan: Plan, language: Language) -> str:
    """The same as lines."""
    lines = ("" if text is None else text.in_language(language) for text in told(plan))
    return "\n".join(lines) + "\n"


def _rates(now: datetime, cents: Sequence[float], hours: int = 36) -> tuple[Rate, ...]:
    start = now.replace(minute=0)
    local = [(start + i * HOUR).astimezone(BERLIN).hour for i in range(hours)]
    return tuple(
        Rate(start=start + i * HOUR, end=start + (i + 1) * HOUR, value=cents[hour] / 100)
        for i, hour in enumerate(local)
    )


def _sun(now: datetime, peak_w: float, hours: int = 36) -> tuple[Rate, ...]:
    """A clear day's sun, highest at one o'clock."""
    return tuple(
        Rate(start=at, end=at + QUARTER, value=max(0.0, peak_w * (1 - ((at.astimezone(BERLIN).hour - 12.75) / 7) ** 2)))
        for at in (now + i * QUARTER for i in range(hours * 4))
    )


def _history(now: datetime) -> tuple[HistoryRow, ...]:
    """Two weeks of a house that uses more in the evening."""
    return tuple(
        HistoryRow(
            start=(at := now - i * QUARTER),
            seconds=900,
            coverage_s=900,
            home_w=900 if 17 <= at.astimezone(BERLIN).hour <= 22 else 450,
            pv_w=0,
            pv_forecast_w=0,
        )
        for i in range(1, 96 * 14)
    )


def _car(now: datetime, number: int, vehicle: str, title: str, soc_pct: float, capacity_kwh: float) -> Loadpoint:
    return Loadpoint(
        at=now,
        id=number,
        mode=LoadpointMode.PV,
        connected=True,
        charging=False,
        vehicle=vehicle,
        vehicle_title=title,
        capacity_kwh=capacity_kwh,
        soc_pct=soc_pct,
        min_current_a=6,
        max_current_a=16,
        phases_configured=3,
    )


def _home(
    now: datetime,
    cents: Sequence[float],
    *,
    soc_pct: float = 40,
    peak_w: float = 0,
    cars: Sequence[Loadpoint] = (),
    goals: Sequence[Goal] = (),
    late: Mapping[str, LateGoal] | None = None,
    grid: GridRules | None = None,
    vehicles: Mapping[str, VehicleRules] | None = None,
    **site: object,
) -> DecisionInputs:
    usual: dict[str, object] = {
        "at": now,
        "evcc": EvccFact(reachable=True),
        "grid_w": 500,
        "home_w": 500,
        "pv_w": 0,
        "battery": BatteryFact(power_w=0, soc_pct=soc_pct, capacity_kwh=10, mode=BatteryMode.NORMAL),
    }
    home = HomeRules(
        battery=BatteryRules(),
        vehicles=vehicles or {},
        grid=grid or GridRules(),
        zone=BERLIN,
        export_eur_per_kwh=0.08,
        reserve_soc_pct=10,
        vehicle_stale=timedelta(hours=24),
    )
    facts = Facts(
        now=now,
        site=Site.model_validate(usual | site),
        loadpoints={str(car.id): car for car in cars},
        goals={goal.vehicle: goal for goal in goals},
        late=late or {},
    )
    rates = _rates(now, cents)
    return DecisionInputs(facts=facts, home=home, rates=rates, solar=_sun(now, peak_w), history=_history(now))


def _goal(vehicle: str, soc_pct: float, by: datetime) -> Goal:
    return Goal(vehicle=vehicle, soc_pct=soc_pct, departure=by, asked_by="anna", asked_at=by - 24 * HOUR)


def _winter() -> DecisionInputs:
    """An evening in January: no sun, a cheap night, one car for the morning."""
    now = datetime(2026, 1, 14, 17, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 35, 52)]
    goals = [_goal("zoe", 80, datetime(2026, 1, 15, 6, tzinfo=UTC))]
    return _home(now, _CHEAP_NIGHT, soc_pct=30, cars=cars, goals=goals)


def _summer() -> DecisionInputs:
    """A morning in June with much sun; the car has a goal for the evening and stays for the sun."""
    now = datetime(2026, 6, 17, 5, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 50, 52)]
    return _home(now, _SUNNY, soc_pct=15, peak_w=8000, cars=cars, goals=[_goal("zoe", 80, now + 12 * HOUR)])


def _late() -> DecisionInputs:
    """Two cars, one that should have left already and one that cannot be ready in time."""
    now = datetime(2026, 1, 14, 6, 20, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 62, 52), _car(now, 2, "ioniq", "Der Kleine", 30, 72)]
    goals = [_goal("ioniq", 80, now + 2 * HOUR)]
    due = LateGoal(80, datetime(2026, 1, 14, 6, tzinfo=UTC))
    return _home(now, _CHEAP_NIGHT, soc_pct=60, cars=cars, goals=goals, late={"zoe": due})


def _negative() -> DecisionInputs:
    """A Sunday in May: prices fall below nothing at noon, and feeding in may stop."""
    now = datetime(2026, 5, 10, 6, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 40, 52)]
    grid = GridRules(export_limit_kw=3)
    return _home(now, _NEGATIVE, soc_pct=20, peak_w=9000, cars=cars, grid=grid)


def _dimmed() -> DecisionInputs:
    """The grid operator dims the connection while a car needs energy for the evening."""
    now = datetime(2026, 1, 14, 15, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 40, 52)]
    goals = [_goal("zoe", 70, now + 3 * HOUR)]
    return _home(now, _CHEAP_NIGHT, soc_pct=30, cars=cars, goals=goals, import_limit_w=4200)


def _broken() -> DecisionInputs:
    """The battery tells no state of charge; a car charges at night."""
    now = datetime(2026, 1, 14, 17, tzinfo=UTC)
    cars = [_car(now, 1, "zoe", "Zoe", 35, 52)]
    goals = [_goal("zoe", 80, datetime(2026, 1, 15, 6, tzinfo=UTC))]
    silent = BatteryFact(power_w=0, soc_pct=None, capacity_kwh=10, mode=BatteryMode.NORMAL)
    return _home(now, _CHEAP_NIGHT, cars=cars, goals=goals, battery=silent)


DAYS: Mapping[str, Callable[[], DecisionInputs]] = {
    "winter": _winter,
    "summer": _summer,
    "two_late_cars": _late,
    "negative_prices": _negative,
    "dimmed": _dimmed,
    "broken_battery": _broken,
}
"""By name."""
