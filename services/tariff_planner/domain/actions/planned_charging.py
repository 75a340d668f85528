"""What is planned at each loadpoint, in figures: when it next charges, how much in all, at what cost, until when."""

from collections.abc import Iterator, Sequence

from ems.contract.plan import DevicePlan, PlannedCharging, PlanSlot
from tariff_planner.domain.problem.problem import NOTHING_KW

_FULL_PCT = 0.5
"""How near to the most that a car will hold it counts as full, in percent."""


def planned_charging(slots: Sequence[PlanSlot]) -> dict[str, PlannedCharging]:
    """By loadpoint; one where nothing is planned is not there. Cars that take turns count together."""
    devices = dict.fromkeys(
        name for slot in slots for name, plan in slot.devices.items() if plan.action.kind == "loadpoint"
    )
    return {device: found for device in devices if (found := _of(slots, device)) is not None}


def _of(slots: Sequence[PlanSlot], device: str) -> PlannedCharging | None:
    charging = [(n, slot, plan) for n, slot, plan in _planned(slots, device) if plan.power_w > 1000 * NOTHING_KW]
    if not charging:
        return None
    first = charging[0][0]
    # The first stretch without a pause.
    stretch = [slot for i, (n, slot, _) in enumerate(charging) if n == first + i]
    most_pct = max((plan.soc_pct for *_, plan in charging if plan.soc_pct is not None), default=None)
    full = next(
        (s for _, s, plan in charging if most_pct is not None and (plan.soc_pct or 0.0) >= most_pct - _FULL_PCT), None
    )
    return PlannedCharging(
        vehicle=charging[0][2].vehicle,
        start=stretch[0].start,
        end=stretch[-1].end,
        energy_kwh=round(sum(_kwh(slot, plan) for _, slot, plan in charging), 3),
        cost_eur=round(sum(_cost_eur(slot, plan) for _, slot, plan in charging), 4),
        reaches_soc_pct=most_pct,
        full_at=(full or charging[-1][1]).end,
    )


def _planned(slots: Sequence[PlanSlot], device: str) -> Iterator[tuple[int, PlanSlot, DevicePlan]]:
    for number, slot in enumerate(slots):
        if (plan := slot.devices.get(device)) is not None:
            yield number, slot, plan


def _kwh(slot: PlanSlot, plan: DevicePlan) -> float:
    return plan.power_w / 1000 * (slot.end - slot.start).total_seconds() / 3600


def _cost_eur(slot: PlanSlot, plan: DevicePlan) -> float:
    """Grid energy at its price as far as the home buys any; the rest at what feeding it in would have earned."""
    kwh = _kwh(slot, plan)
    bought = min(kwh, slot.import_kwh)
    return bought * slot.import_eur_per_kwh + (kwh - bought) * slot.export_eur_per_kwh
