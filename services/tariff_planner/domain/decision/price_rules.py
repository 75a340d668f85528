"""Without prices for now: rules on the percentiles of the last good ones, for this slot only, labelled as such."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.message import Text
from ems.contract.plan import DevicePlan, Plan, PlanSlot, PlanStatus
from ems.contract.site import BatteryMode, LoadpointMode, Rate
from ems.house.slots import Slot
from ems.i18n.languages import joined
from tariff_planner.domain.actions.messages import plan_id
from tariff_planner.domain.inputs.build_problem import build_problem
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.horizon import SlotPrice
from tariff_planner.domain.inputs.prices.rate_timeline import RateTimeline
from tariff_planner.domain.inputs.prices.statistics import percentile
from tariff_planner.domain.problem.bank import banked
from tariff_planner.domain.problem.problem import Loadpoint
from tariff_planner.domain.problem.storage import Battery, Car
from tariff_planner.domain.wording.problems import RulesInstead
from tariff_planner.domain.wording.renderer import Renderer, trouble

OLDEST = timedelta(hours=48)
"""Rates that ended longer ago than this say nothing about now."""
HURRY = 1.25
"""Multiple of the needed charging time at which a car starts, whatever the price."""


def by_percentiles(facts: Facts, home: HomeRules, rates: Sequence[Rate], slot: Slot, why: Text) -> Plan | None:
    """What to do in ``slot`` by its price, or the one that this time of day had lately; None when rates are too old.

    Args:
        facts: what is known now.
        home: what people have set.
        rates: the last good ones.
        slot: what is decided for.
        why: there is no plan.
    """
    price = _lately(rates, slot, facts.now)
    if price is None:
        return None
    p20, p30, p40, p80 = (percentile([(r.value, _hours(r)) for r in rates], p) for p in (0.2, 0.3, 0.4, 0.8))
    site = facts.site
    earns = RateTimeline(facts.feedin).mean(slot)
    assembled = build_problem(
        facts,
        home,
        [slot],
        [SlotPrice(price, known=False)],
        [home.feedin_now(site) if earns is None else earns],
        [site.home_w or 0.0],
        [site.pv_w or 0.0],
    )
    problem = assembled.problem
    cars = {car.loadpoint: _car(car, problem.loadpoint(car.loadpoint), price, p30, facts.now) for car in problem.cars}
    takes_kwh = sum(device.power_w for device in cars.values()) / 1000 * slot.hours
    takes = problem.steps[0].cars_beyond_sun_kwh(takes_kwh) > 0
    devices: dict[str, DevicePlan] = {}
    for battery in banked(problem).batteries[:1]:
        devices[battery.name] = _battery(battery, price, p20, p40, p80, cars_take=takes)
    devices |= cars
    step = problem.steps[0]
    net_kwh = step.load_kwh - step.pv_kwh
    row = PlanSlot(
        start=slot.start,
        end=slot.end,
        import_eur_per_kwh=price,
        export_eur_per_kwh=step.export_eur_per_kwh,
        price_known=False,
        load_kwh=step.load_kwh,
        pv_kwh=step.pv_kwh,
        import_kwh=max(0.0, net_kwh),
        export_kwh=max(0.0, -net_kwh),
        cost_eur=max(0.0, net_kwh) * price - max(0.0, -net_kwh) * step.export_eur_per_kwh,
        devices=devices,
    )
    renderer = Renderer(home.zone, facts.now, site.currency)
    return Plan(
        id=plan_id(facts.now, (row,)),
        at=facts.now,
        valid_until=slot.end + timedelta(hours=slot.hours),
        status=PlanStatus.RULES,
        currency=site.currency,
        slots=(row,),
        summary=joined([why, trouble(RulesInstead())]),
        problems=(why, *(renderer.text(caveat) for caveat in assembled.caveats)),
    )


def _lately(rates: Sequence[Rate], slot: Slot, now: datetime) -> float | None:
    """The price of ``slot``, else the newest one of this time of day, a day or two ago."""
    lately = RateTimeline(rate for rate in rates if now - rate.end <= OLDEST)
    for days in (0, 1, 2):
        ago = timedelta(days=days)
        price = lately.mean(Slot(slot.start - ago, slot.end - ago))
        if price is not None:
            return price
    return None


def _battery(battery: Battery, price: float, p20: float, p40: float, p80: float, *, cars_take: bool) -> DevicePlan:
    pays = p80 * battery.charge_efficiency * battery.discharge_efficiency > price + battery.wear_eur_per_kwh
    mode, power_w = BatteryMode.NORMAL, 0.0
    if pays and price <= p20 and battery.can_charge_from_grid and battery.energy_kwh < battery.ceiling_kwh:
        mode, power_w = BatteryMode.CHARGE, -battery.charge_kw * 1000
    elif battery.can_hold and ((pays and price <= p40) or (cars_take and not battery.feeds_cars)):
        mode = BatteryMode.HOLD
    soc_pct = battery.energy_kwh / battery.capacity_kwh * 100
    return DevicePlan(power_w=power_w, action=BatteryAction(mode=mode), soc_pct=soc_pct)


def _car(car: Car, loadpoint: Loadpoint, price: float, p30: float, now: datetime) -> DevicePlan:
    power_kw = min(car.max_kw, loadpoint.max_kw)
    mode, limit_pct = LoadpointMode.PV, None
    for goal in car.goals:
        need_h = (min(goal.energy_kwh, car.ceiling_kwh) - car.energy_kwh) / car.charge_efficiency / power_kw
        left_h = (goal.by - now) / timedelta(hours=1)
        if need_h > 0 and (price <= p30 or left_h <= need_h * HURRY):
            mode, limit_pct = LoadpointMode.NOW, min(100.0, goal.energy_kwh / car.capacity_kwh * 100)
    return DevicePlan(
        power_w=power_kw * 1000 if mode is LoadpointMode.NOW else 0.0,
        action=LoadpointAction(mode=mode, limit_soc_pct=limit_pct),
        soc_pct=car.energy_kwh / car.capacity_kwh * 100,
        vehicle=car.name,
    )


def _hours(rate: Rate) -> float:
    return (rate.end - rate.start) / timedelta(hours=1)
