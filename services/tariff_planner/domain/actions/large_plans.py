"""The plan of a large home in fewer words: nobody reads a message of more than 1 MB, which 57 cars would be."""

from collections.abc import Mapping

from ems.contract.plan import DevicePlan, Plan

MOST_ENTRIES = 3000
"""Devices in all slots together that a plan names one by one; 400 kB, or 20 cars for a day and a half."""


def without_rests(plan: Plan) -> Plan:
    """The plan; in a large one a slot passes over devices that take and give nothing, as in the slot before."""
    if sum(len(slot.devices) for slot in plan.slots) <= MOST_ENTRIES:
        return plan
    slots, before = [], dict[str, DevicePlan]()
    for slot in plan.slots:
        slots.append(slot.model_copy(update={"devices": _news(slot.devices, before)}))
        before = slot.devices
    return plan.model_copy(update={"slots": tuple(slots)})


def _news(devices: Mapping[str, DevicePlan], before: Mapping[str, DevicePlan]) -> dict[str, DevicePlan]:
    return {name: does for name, does in devices.items() if not _rests(does, before.get(name))}


def _rests(now: DevicePlan, before: DevicePlan | None) -> bool:
    return (
        before is not None
        and now.power_w == before.power_w == 0
        and (now.action, now.vehicle) == (before.action, before.vehicle)
    )
