"""Several batteries as evcc tells them, and what is planned for them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ems.contract.plan import DevicePlan, Plan
from ems.contract.site import BatteryDevice, BatteryFact, BatteryMode
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult

HOUR = timedelta(hours=1)


SMALL: dict[str, Any] = {"name": "byd", "soc_pct": 10.0, "capacity_kwh": 5.0}


LARGE: dict[str, Any] = {"name": "db:7", "title": "LG im Keller", "soc_pct": 90.0, "capacity_kwh": 10.0}


def with_batteries(case: DecisionInputs, *devices: dict[str, Any], **more: Any) -> DecisionInputs:
    """The site as evcc tells it with these batteries; its sum over all of them beside."""
    usual: dict[str, Any] = {"power_w": 0, "soc_pct": 63.0, "capacity_kwh": 15.0, "mode": BatteryMode.NORMAL}
    fact = BatteryFact(**usual | more, devices=tuple(BatteryDevice(**device) for device in devices))
    return replace(case, facts=replace(case.facts, site=case.facts.site.model_copy(update={"battery": fact})))


def device(decision: PlanningResult, slot: int = 0) -> DevicePlan:
    return decision.plan.slots[slot].devices["battery"]


def balances(plan: Plan) -> None:
    for slot in plan.slots:
        hours = (slot.end - slot.start) / HOUR
        cars = sum(d.power_w for d in slot.devices.values() if d.vehicle)
        battery = slot.devices["battery"].power_w
        balance = slot.import_kwh - slot.export_kwh + slot.pv_kwh - slot.curtailed_kwh - slot.load_kwh
        assert balance + (battery - cars) / 1000 * hours == pytest.approx(0, abs=2e-3)
