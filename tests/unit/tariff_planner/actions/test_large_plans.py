"""A plan of any size fits into a message that everybody reads, and says the same."""

from datetime import UTC, datetime, timedelta

from ems.contract.control import LoadpointAction
from ems.contract.message import Text
from ems.contract.plan import DevicePlan, Plan, PlanSlot, PlanStatus
from ems.contract.site import LoadpointMode
from ems.contract.topic import MAX_PAYLOAD_BYTES
from tariff_planner.domain.actions.large_plans import without_rests

NOW = datetime(2026, 11, 29, 20, tzinfo=UTC)


def does(power_w: float, number: int) -> DevicePlan:
    mode = LoadpointMode.NOW if power_w else LoadpointMode.OFF
    return DevicePlan(power_w=power_w, action=LoadpointAction(mode=mode), soc_pct=50.25, vehicle=f"car-{number:03d}")


def plan(cars: int) -> Plan:
    """Every car charges for three hours somewhere in a day and a half, and rests otherwise."""
    slots = tuple(
        PlanSlot(
            start=NOW + timedelta(minutes=15 * t),
            end=NOW + timedelta(minutes=15 * t + 15),
            import_eur_per_kwh=0.22, export_eur_per_kwh=0.08, load_kwh=4.8928, pv_kwh=0,
            import_kwh=10, export_kwh=0, cost_eur=2.2,
            devices={f"loadpoint-{n}": does(11000.0 if 0 <= t - n % 100 < 12 else 0.0, n) for n in range(1, cars + 1)},
        )
        for t in range(145)
    )  # fmt: skip
    words = Text(en="Cars charge.", de="Autos laden.")
    return Plan(id="1", at=NOW, valid_until=NOW, status=PlanStatus.OPTIMAL, summary=words, slots=slots)


def test_the_plan_of_a_usual_home_names_every_device_in_every_slot() -> None:
    usual = plan(20)
    assert without_rests(usual) is usual


def test_the_plan_of_a_hundred_cars_fits_into_a_message_that_is_read() -> None:
    large = plan(100)
    assert len(large.payload()) > MAX_PAYLOAD_BYTES
    told = without_rests(large)
    assert len(told.payload()) < MAX_PAYLOAD_BYTES / 2
    assert Plan.parse(told.payload()) == told


def test_what_is_passed_over_is_as_it_was_in_the_slot_before() -> None:
    large = plan(100)
    known: dict[str, DevicePlan] = {}
    for slot, told in zip(large.slots, without_rests(large).slots, strict=True):
        known |= told.devices
        assert {name: (now.power_w, now.action, now.vehicle) for name, now in known.items()} == {
            name: (now.power_w, now.action, now.vehicle) for name, now in slot.devices.items()
        }
