"""The home batteries, each as it is: its size, its SoC, its powers, and what they have in common.

evcc steers them by one mode for all: how that follows from the plan is :mod:`tariff_planner.domain.problem.bank`'s.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ems.contract.site import BatteryDevice, BatteryFact, BatteryMode
from ems.contract.validation import closest
from ems.lookahead.battery_task import worth_at_end_eur_per_kwh
from tariff_planner.domain.inputs.battery_goals import battery_goals
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.rules import BatteryDeviceRules, BatteryRules
from tariff_planner.domain.problem.bank import BANK
from tariff_planner.domain.problem.problem import Step
from tariff_planner.domain.problem.storage import Battery, Inverter, TerminalValue
from tariff_planner.domain.wording.problems import (
    BatteryOfOptimizer,
    BatteryUncontrollable,
    BatteryUnknown,
    Caveat,
    NoSuchBattery,
    UnknownFact,
)


@dataclass(frozen=True, slots=True)
class HomeBatteries:
    """What can be planned of the home's batteries."""

    planned: tuple[Battery, ...] = ()
    inverters: tuple[Inverter, ...] = ()
    following: tuple[Battery, ...] = ()
    """Those that evcc cannot steer beside others that it can: they follow the house by themselves."""
    names: Mapping[str, str] = field(default_factory=dict)
    """By its name what people call each of several batteries; empty where there is only one."""
    caveats: tuple[Caveat, ...] = ()
    """What keeps evcc or the plan from controlling them."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """One battery before it is planned; None where something is not known."""

    name: str
    called: str
    soc_pct: float | None
    capacity_kwh: float | None
    controllable: bool
    rules: BatteryDeviceRules


def home_batteries(
    facts: Facts, home: HomeRules, steps: Sequence[Step], wish_eur_per_kwh: float, scale: float
) -> HomeBatteries:
    """The home's batteries if they can be planned; each of several by itself where evcc tells them apart.

    Args:
        facts: what is known now.
        home: what people have set.
        steps: the horizon.
        wish_eur_per_kwh: what a kWh is priced at that people want and do not get.
        scale: of money.
    """
    fact, rules = facts.site.battery, home.battery
    if fact is None:
        return HomeBatteries()
    strange = tuple(_strange(fact, rules))
    units = _units(fact, rules)
    told_apart = len(units) > 1
    known = [u for u in units if u.soc_pct is not None and u.capacity_kwh is not None]
    if not known:
        return HomeBatteries(caveats=(*strange, BatteryUnknown(_unknown(units[0] if units else None))))
    inverters = {name: Inverter(name, i.ac_kw, i.dc_sun_share) for name, i in rules.inverters.items()}
    hidden = [u for u in units if u not in known]
    can = controllable_modes(facts, home)
    if any(u.controllable for u in hidden):
        # What charges them charges those as well of which nobody knows how much they take.
        can -= {BatteryMode.CHARGE}
    total_kwh = sum(u.capacity_kwh or 0.0 for u in units)
    worth = _worth(steps, rules, scale)
    all_alike = len({u.controllable for u in known}) == 1
    steered = [u for u in known if u.controllable or all_alike]
    if len(steered) == 1:
        steered = [replace(steered[0], name=BANK)]
    batteries = {
        unit.name: replace(
            _battery(unit, rules, total_kwh, inverters, can if unit.controllable else frozenset()),
            min_kwh=home.reserve_soc_pct / 100 * (unit.capacity_kwh or 0.0),
            feeds_cars=(into_cars := _into_cars(fact, rules) or not (unit.controllable and BatteryMode.HOLD in can)),
            held_beside_cars=not into_cars,
            worth=(TerminalValue(unit.capacity_kwh or 0.0, worth),),
            goals=battery_goals(facts, home, unit.capacity_kwh or 0.0, steps[-1].end, wish_eur_per_kwh),
        )
        for unit in (*steered, *(u for u in known if not (u.controllable or all_alike)))
    }
    planned = tuple(batteries[u.name] for u in steered)
    return HomeBatteries(
        planned,
        tuple(inverters.values()),
        tuple(b for b in batteries.values() if b not in planned),
        {u.name: u.called for u in (*steered, *known) if u.name in batteries} if told_apart else {},
        (
            *strange,
            *(BatteryUnknown(_unknown(u), u.called, u.controllable) for u in hidden),
            *_uncontrollable(facts, fact, known),
        ),
    )


def controllable_modes(facts: Facts, home: HomeRules) -> frozenset[BatteryMode]:
    """The modes of the home battery that a plan can choose from now; only ``normal`` where it is not ours to steer."""
    fact = facts.site.battery
    others = fact is None or fact.controllable is False or facts.site.evcc.optimizer_has_battery
    return frozenset({BatteryMode.NORMAL}) if others else home.battery.modes


def _units(fact: BatteryFact, rules: BatteryRules) -> list[_Unit]:
    """Evcc's batteries with what is set for each; all of them as one where it does not tell them apart."""
    if len(fact.devices) > 1:
        sizes = _sizes(fact.devices, rules)
        units = [
            _Unit(
                f"{BANK}-{number}",
                device.title or device.name,
                device.soc_pct,
                size,
                device.controllable is not False,
                rules.devices.get(device.name, BatteryDeviceRules()),
            )
            for number, (device, size) in enumerate(zip(fact.devices, sizes, strict=True), start=1)
        ]
        if any(u.soc_pct is not None and u.capacity_kwh is not None for u in units):
            return units
    own = rules.devices.get(fact.devices[0].name) if len(fact.devices) == 1 else None
    own = own or BatteryDeviceRules()
    capacity_kwh = own.capacity_kwh or rules.capacity_kwh or fact.capacity_kwh
    return [_Unit(BANK, BANK, fact.soc_pct, capacity_kwh, fact.controllable is not False, own)]


def _sizes(devices: Sequence[BatteryDevice], rules: BatteryRules) -> list[float | None]:
    """The usable capacity of each: as set for it, else as evcc says, fitted to what is set for all of them."""
    given = [own.capacity_kwh if (own := rules.devices.get(d.name)) else None for d in devices]
    told = [d.capacity_kwh for d in devices]
    sizes = [own or evcc for own, evcc in zip(given, told, strict=True)]
    if rules.capacity_kwh is None:
        return sizes
    left_kwh = rules.capacity_kwh - sum(own or 0.0 for own in given)
    told_kwh = sum(evcc or 0.0 for own, evcc in zip(given, told, strict=True) if own is None)
    missing = [i for i, size in enumerate(sizes) if size is None]
    if not missing and told_kwh and left_kwh > 0:
        return [own or (evcc or 0.0) * left_kwh / told_kwh for own, evcc in zip(given, told, strict=True)]
    if len(missing) == 1 and left_kwh > told_kwh:
        return [left_kwh - told_kwh if size is None else size for size in sizes]
    return sizes


def _battery(
    unit: _Unit, rules: BatteryRules, total_kwh: float, inverters: Mapping[str, Inverter], can: frozenset[BatteryMode]
) -> Battery:
    capacity_kwh = unit.capacity_kwh or 0.0
    share = capacity_kwh / total_kwh
    own = unit.rules
    taper_pct = rules.taper_from_pct if own.taper_from_pct is None else own.taper_from_pct
    return Battery(
        unit.name,
        energy_kwh=(unit.soc_pct or 0.0) / 100 * capacity_kwh,
        capacity_kwh=capacity_kwh,
        charge_kw=rules.charge_kw * share if own.charge_kw is None else own.charge_kw,
        discharge_kw=rules.discharge_kw * share if own.discharge_kw is None else own.discharge_kw,
        max_kwh=rules.max_soc_pct / 100 * capacity_kwh,
        charge_efficiency=rules.charge_efficiency,
        discharge_efficiency=rules.discharge_efficiency,
        wear_eur_per_kwh=rules.wear_eur_per_kwh,
        can_hold=BatteryMode.HOLD in can,
        can_charge_from_grid=BatteryMode.CHARGE in can,
        inverter=own.inverter or (next(iter(inverters)) if len(inverters) == 1 else None),
        taper_from_kwh=taper_pct / 100 * capacity_kwh if taper_pct < 100 else None,
    )


def _worth(steps: Sequence[Step], rules: BatteryRules, scale: float) -> float:
    """What a stored kWh is worth at the horizon's end, in EUR, less the wear of using it."""
    prices = np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64)
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    return worth_at_end_eur_per_kwh(prices, hours, rules.discharge_efficiency, scale) - rules.wear_eur_per_kwh


def _into_cars(fact: BatteryFact, rules: BatteryRules) -> bool:
    """Whether a battery may feed cars: as people have set it here, else in evcc."""
    return not fact.discharge_control if rules.into_cars is None else rules.into_cars


def _unknown(unit: _Unit | None) -> UnknownFact:
    """What of a battery is not known, so that it is not planned."""
    return UnknownFact.SOC if unit is None or unit.soc_pct is None else UnknownFact.CAPACITY


def _uncontrollable(facts: Facts, fact: BatteryFact, known: Sequence[_Unit]) -> Iterator[Caveat]:
    """That evcc's own optimizer steers the batteries, or that evcc cannot control them, or which of them."""
    if facts.site.evcc.optimizer_has_battery:
        yield BatteryOfOptimizer()
    elif fact.controllable is False or not any(u.controllable for u in known):
        yield BatteryUncontrollable()
    else:
        yield from (BatteryUncontrollable(unit.called) for unit in known if not unit.controllable)


def _strange(fact: BatteryFact, rules: BatteryRules) -> Iterator[NoSuchBattery]:
    """That something is set for a battery that evcc does not have."""
    there = tuple(device.name for device in fact.devices)
    yield from (NoSuchBattery(n, there, closest(n, there)) for n in rules.devices if there and n not in there)
