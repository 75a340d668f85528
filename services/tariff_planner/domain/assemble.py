"""From what is known of the site to a planning problem; what is not known is left out, and said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ems.contract.control import Owner
from ems.contract.message import Text
from ems.contract.site import BatteryMode, LoadpointKind
from ems.contract.site import Loadpoint as LoadpointFact
from ems.house.slots import Slot
from tariff_planner.domain.cars import Worths, car, loadpoint, others
from tariff_planner.domain.facts import Facts, House
from tariff_planner.domain.horizon import Price
from tariff_planner.domain.prices import percentile
from tariff_planner.domain.problem import Battery, Before, CapacityPrice, Problem, Step, Worth
from tariff_planner.domain.rules import BatteryRules

CHEAP_SHARE = 0.3
"""A car with a goal but no departure charges in this share of the time, the cheapest."""
_RESERVED = re.compile(r"battery|loadpoint-[0-9]+")


@dataclass(frozen=True, slots=True)
class Assembled:
    """The problem, which car stands at which loadpoint, and in words what had to be left out."""

    problem: Problem
    problems: tuple[Text, ...]


def assemble(
    facts: Facts,
    house: House,
    slots: Sequence[Slot],
    prices: Sequence[Price],
    load_w: Sequence[float],
    pv_w: Sequence[float],
    before: tuple[Before, ...] = (),
) -> Assembled:
    """The planning problem of this moment.

    Args:
        facts: what is known now.
        house: what people have set.
        slots: the horizon; prices, ``load_w`` and ``pv_w`` have one value for each.
        prices: import prices.
        load_w: mean power of the house without cars and battery, W.
        pv_w: mean power of the sun, W.
        before: what the last plan wanted, so that the new one does not differ without a cause.

    Raises:
        ValueError: slots, prices and forecasts do not fit each other.
    """
    said: list[Text] = []
    hours = [(price.eur_per_kwh, slot.hours) for slot, price in zip(slots, prices, strict=True)]
    worths = Worths(percentile(hours, CHEAP_SHARE), _feedin(facts, house, slots[0]))
    cars, loadpoints = [], []
    for name, fact in _points(facts, house, said).items():
        made = car(name, fact, facts, house, worths, said)
        if made is not None:
            cars.append(made)
            loadpoints.append(loadpoint(name, fact))
    beside = others(facts, {p.name for p in loadpoints})
    steps = tuple(
        Step(
            slot.start,
            slot.end,
            load_kwh=max(0.0, use_w) / 1000 * slot.hours + sum(o.kwh_in(slot) for o in beside),
            pv_kwh=max(0.0, sun_w) / 1000 * slot.hours,
            import_eur_per_kwh=price.eur_per_kwh,
            export_eur_per_kwh=_feedin(facts, house, slot),
            import_limit_kw=house.grid.import_limit_kw,
            export_limit_kw=house.grid.export_limit_kw,
            price_known=price.known,
        )
        for slot, price, use_w, sun_w in zip(slots, prices, load_w, pv_w, strict=True)
    )
    batteries = _batteries(facts, house, _worth(steps, house.battery), said)
    grid = house.grid
    capacity = CapacityPrice(grid.capacity_eur_per_kw, grid.capacity_peak_kw) if grid.capacity_eur_per_kw else None
    problem = Problem(
        steps,
        batteries=batteries,
        cars=tuple(cars),
        loadpoints=tuple(loadpoints),
        capacity_price=capacity,
        before=before,
    )
    return Assembled(problem, tuple(said))


def _points(facts: Facts, house: House, said: list[Text]) -> dict[str, LoadpointFact]:
    """The loadpoints with a car that the plan decides over, by device; a car at two of them counts where it charges."""
    found: dict[str, LoadpointFact] = {}
    ordered = sorted(facts.loadpoints.items(), key=lambda item: (not item[1].charging, int(item[0])))
    for number, fact in ordered:
        name = f"loadpoint-{number}"
        if facts.now - fact.at > house.loadpoint_stale or fact.kind is not LoadpointKind.CAR or not fact.connected:
            continue
        control = facts.controls.get(name)
        if control is not None and control.owner in {Owner.USER, Owner.BOOST}:
            continue
        if fact.vehicle is not None and (
            _RESERVED.fullmatch(fact.vehicle) or fact.vehicle in {f.vehicle for f in found.values()}
        ):
            said.append(
                Text(
                    en=f"{name}: not planned, because {fact.vehicle} is a device's name or stands elsewhere too.",
                    de=f"{name}: nicht geplant, {fact.vehicle} ist der Name eines Geräts oder steht auch anderswo.",
                )
            )
            continue
        found[name] = fact
    return {name: found[name] for name in sorted(found)}


def _feedin(facts: Facts, house: House, slot: Slot) -> float:
    for rate in facts.feedin:
        if rate.start <= slot.start < rate.end:
            return rate.value
    now = facts.site.export_eur_per_kwh
    return house.export_eur_per_kwh if now is None else now


def _worth(steps: Sequence[Step], rules: BatteryRules) -> float:
    """What a stored kWh is worth at the horizon's end: it replaces an import at the mean price, less its losses."""
    hours = sum(s.hours for s in steps)
    mean = sum(s.import_eur_per_kwh * s.hours for s in steps) / hours
    return mean * rules.discharge_efficiency - rules.wear_eur_per_kwh


def _batteries(facts: Facts, house: House, worth: float, said: list[Text]) -> tuple[Battery, ...]:
    fact, rules = facts.site.battery, house.battery
    if fact is None:
        return ()
    capacity = rules.capacity_kwh or fact.capacity_kwh
    if fact.soc_pct is None or capacity is None:
        missing = ("SoC", "Ladestand") if fact.soc_pct is None else ("capacity", "Kapazität")
        said.append(
            Text(
                en=f"The battery's {missing[0]} is unknown: it is left to evcc.",
                de=f"{missing[1]} der Batterie unbekannt: sie bleibt evcc überlassen.",
            )
        )
        return ()
    can = rules.modes
    if fact.controllable is False:
        can = frozenset({BatteryMode.NORMAL})
        said.append(Text(en="evcc cannot control the battery.", de="evcc kann die Batterie nicht steuern."))
    return (
        Battery(
            "battery",
            energy_kwh=fact.soc_pct / 100 * capacity,
            capacity_kwh=capacity,
            charge_kw=rules.charge_kw,
            discharge_kw=rules.discharge_kw,
            min_kwh=house.reserve_soc_pct / 100 * capacity,
            max_kwh=rules.max_soc_pct / 100 * capacity,
            charge_efficiency=rules.charge_efficiency,
            discharge_efficiency=rules.discharge_efficiency,
            wear_eur_per_kwh=rules.wear_eur_per_kwh,
            can_hold=BatteryMode.HOLD in can,
            can_charge_from_grid=BatteryMode.CHARGE in can,
            worth=(Worth(capacity, worth),),
        ),
    )
