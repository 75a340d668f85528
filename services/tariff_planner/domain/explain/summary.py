"""What a plan means: what is done now, what is bought next, which sun is lost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import DevicePlan, PlanSlot
from ems.contract.site import BatteryMode, LoadpointMode
from tariff_planner.domain.actions.battery_decision import BatteryDecision, Weighed
from tariff_planner.domain.problem.problem import NOTHING_KW
from tariff_planner.domain.wording.plan import (
    BatteryNow,
    CarNow,
    DeviceNow,
    NextPurchase,
    NothingPlanned,
    PlanReason,
    Summary,
    UnusedSun,
)

_NIGHT = timedelta(hours=6)
"""Sun after a longer pause is another day's."""
_SOME_SUN_KWH = 0.1
"""Less sun that cannot be used is not worth a word."""
_NOTHING_BOUGHT_KWH = 0.01
"""Less than this in a slot is not bought."""


def summary(
    slots: Sequence[PlanSlot], titles: Mapping[str, str], battery: BatteryDecision | None = None
) -> Iterator[PlanReason]:
    """What every device does now, until when and at which price; what is bought next; which sun cannot be used.

    Args:
        slots: the plan's.
        titles: by vehicle, where people call it otherwise.
        battery: what the battery is told now, where that was decided: the summary gives the same cause.
    """
    if not slots:
        yield NothingPlanned()
        return
    now = slots[0]
    devices = tuple(_decided(device, battery) if battery else device for device in _devices(now, titles))
    yield Summary(devices, _until(slots, titles), now.import_eur_per_kwh)
    yield from _next_purchase(slots, titles)
    yield from _unused_sun(slots)


def _devices(slot: PlanSlot, titles: Mapping[str, str]) -> tuple[DeviceNow, ...]:
    """What is done in a slot: batteries and cars that do the same are one."""
    found: dict[BatteryNow | CarNow, list[str]] = {}
    for name, device in slot.devices.items():
        match device.action:
            case BatteryAction(mode=mode):
                found.setdefault(_battery(mode, device.power_w / 1000), [])
            case LoadpointAction(mode=mode):
                found.setdefault(_car(mode, device.power_w / 1000), []).append(_called(name, device, titles))
    return tuple(DeviceNow(does, tuple(who)) for does, who in found.items())


def _battery(mode: BatteryMode, power_kw: float) -> BatteryNow:
    match mode:
        case BatteryMode.HOLD:
            return BatteryNow.KEEPS
        case BatteryMode.CHARGE:
            return BatteryNow.CHARGES
        case BatteryMode.HOLDCHARGE:
            return BatteryNow.LEAVES_ROOM
        case BatteryMode.NORMAL if power_kw > NOTHING_KW:
            return BatteryNow.SUPPLIES
        case BatteryMode.NORMAL if power_kw < -NOTHING_KW:
            return BatteryNow.STORES
        case BatteryMode.NORMAL:
            return BatteryNow.IDLE


def _decided(device: DeviceNow, battery: BatteryDecision) -> DeviceNow:
    """The same with the cause of what the battery is told, which the plan's flows do not show."""
    if battery.held and device.does is BatteryNow.KEEPS:
        return DeviceNow(BatteryNow.HELD)
    flows = device.does in {BatteryNow.SUPPLIES, BatteryNow.STORES, BatteryNow.IDLE}
    return DeviceNow(BatteryNow.FOLLOWS) if isinstance(battery.cause, Weighed) and flows else device


def _car(mode: LoadpointMode, power_kw: float) -> CarNow:
    match mode:
        case LoadpointMode.NOW:
            return CarNow.CHARGES
        case LoadpointMode.MINPV:
            return CarNow.SLOWLY
        case LoadpointMode.PV if power_kw > NOTHING_KW:
            return CarNow.SUN
        case LoadpointMode.PV | LoadpointMode.OFF:
            return CarNow.WAITS


def _called(name: str, device: DevicePlan, titles: Mapping[str, str]) -> str:
    return titles.get(device.vehicle or "", device.vehicle or name)


def _until(slots: Sequence[PlanSlot], titles: Mapping[str, str]) -> datetime:
    """When the first thing that is told changes."""
    now = _devices(slots[0], titles)
    return next((slot.start for slot in slots if _devices(slot, titles) != now), slots[-1].end)


def _next_purchase(slots: Sequence[PlanSlot], titles: Mapping[str, str]) -> Iterator[NextPurchase]:
    """What is next bought to keep by a device that buys nothing now, when and at which price."""
    buying = [{name for name in slot.devices if _buys(slot, name)} for slot in slots]
    later = ((t, name) for t, names in enumerate(buying) for name in slots[t].devices if name in names - buying[0])
    first, name = next(later, (0, ""))
    if not first:
        return
    end = next((t for t in range(first, len(slots)) if name not in buying[t]), len(slots))
    stretch = slots[first:end]
    bought = [_bought_kwh(slot, name) for slot in stretch]
    mean = sum(kwh * s.import_eur_per_kwh for kwh, s in zip(bought, stretch, strict=True)) / sum(bought)
    device = slots[first].devices[name]
    who = None if isinstance(device.action, BatteryAction) else _called(name, device, titles)
    yield NextPurchase(who, stretch[0].start, stretch[-1].end, mean)


def _buys(slot: PlanSlot, name: str) -> bool:
    """Whether a device is told to take energy that is bought."""
    match slot.devices[name].action:
        case BatteryAction(mode=mode):
            told = mode is BatteryMode.CHARGE
        case LoadpointAction(mode=mode):
            told = mode in {LoadpointMode.NOW, LoadpointMode.MINPV}
    return told and _bought_kwh(slot, name) > _NOTHING_BOUGHT_KWH


def _bought_kwh(slot: PlanSlot, name: str) -> float:
    """What a device takes of what is bought."""
    hours = (slot.end - slot.start) / timedelta(hours=1)
    return min(slot.import_kwh, abs(slot.devices[name].power_w) / 1000 * hours)


def _unused_sun(slots: Sequence[PlanSlot]) -> Iterator[UnusedSun]:
    """How much sun can next be neither used nor fed in: no alarm, inverters do that by themselves."""
    days: list[list[PlanSlot]] = []
    for slot in slots:
        if slot.curtailed_kwh <= 0:
            continue
        if days and slot.start - days[-1][-1].end <= _NIGHT:
            days[-1].append(slot)
        else:
            days.append([slot])
    totals = ((day, sum(slot.curtailed_kwh for slot in day)) for day in days)
    for day, total in totals:
        if total >= _SOME_SUN_KWH:
            yield UnusedSun(day[0].start, day[-1].end, total)
            return
