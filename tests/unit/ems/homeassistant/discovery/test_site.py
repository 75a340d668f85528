"""The site's device in Home Assistant: a row for what there is, and none for what there is not."""

from datetime import UTC, datetime

import pytest

from ems.contract.service import Service
from ems.contract.site import BatteryDevice, BatteryFact, EvccFact, Site
from ems.contract.topics import SITE
from ems.homeassistant.discovery.devices import devices
from ems.homeassistant.discovery.entity import HomeContext
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

NOW = datetime(2026, 1, 14, 20, tzinfo=UTC)
BYD, LG = BatteryDevice(name="db:3"), BatteryDevice(name="db:7", title="LG im Keller")


def rows(*batteries: BatteryDevice) -> dict[str, str]:
    """The battery's sensors by key, with their German names."""
    bus = QuietBus(StandingClock(NOW))
    bus.set(SITE, Site(at=NOW, evcc=EvccFact(reachable=True), battery=BatteryFact(devices=batteries)))
    hub, *_ = devices(Service.EVCC_POLLER, bus, HomeContext("de")).devices
    sensors = [e for e in hub.entities if e.platform == "sensor" and e.key.startswith("battery_")]
    return {e.key: e.name.de for e in sensors if e.name}


@pytest.mark.parametrize("batteries", [(), (LG,)])
def test_one_battery_has_the_rows_of_all(batteries: tuple[BatteryDevice, ...]) -> None:
    assert set(rows(*batteries)) == {"battery_w", "battery_charge_kwh", "battery_discharge_kwh", "battery_soc"}


def test_each_of_two_batteries_has_its_charge_and_power_beside_their_sum() -> None:
    found = rows(BYD, LG)
    assert found["battery_soc"] == "Batterie"
    assert (found["battery_1_soc"], found["battery_1_w"]) == ("db:3", "db:3 Leistung")
    assert (found["battery_2_soc"], found["battery_2_w"]) == ("LG im Keller", "LG im Keller Leistung")
