"""The predecessor's names and numbers, so that its dashboards go on working."""

from datetime import UTC, datetime

import pytest

from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Loadpoint, LoadpointKind, LoadpointMode, Site
from ems.metrics.settings import FIELDS
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.recording.influx_fields import fields

AT = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)


def lp(number: int, kind: LoadpointKind = LoadpointKind.CAR, *, connected: bool = True) -> Loadpoint:
    return Loadpoint(
        at=AT, id=number, kind=kind, mode=LoadpointMode.NOW, connected=connected, charging=True, soc_pct=40 + number
    )


def test_one_look_has_the_predecessors_fields_with_evccs_sign() -> None:
    site = Site(
        at=AT,
        evcc=EvccFact(reachable=True),
        grid_w=-120,
        pv_w=800,
        home_w=400,
        battery=BatteryFact(power_w=-280, soc_pct=55, mode=BatteryMode.CHARGE),
        import_eur_per_kwh=0.2837,
    )
    loadpoints = (lp(1, connected=False), lp(2, LoadpointKind.HEATER), lp(3), lp(4))
    assert fields(Observation(at=AT, site=site, loadpoints=loadpoints)) == {
        "battery_soc": 55,
        "battery_power": -280,
        "pv_power": 800,
        "home_power": 400,
        "grid_power": -120,
        "price_ct": 28.37,
        "ev_soc": 43,
        "battery_action": 4,
        "ev_action": 3,
    }


@pytest.mark.parametrize(("power_w", "action"), [(500, 6), (-500, 5), (0, 5)])
def test_a_battery_left_to_itself_discharges_or_takes_the_sun(power_w: float, action: float) -> None:
    battery = BatteryFact(power_w=power_w, mode=BatteryMode.NORMAL)
    site = Site(at=AT, evcc=EvccFact(reachable=True), battery=battery)
    assert fields(Observation(at=AT, site=site))["battery_action"] == action


def test_nothing_is_invented_while_evcc_is_away() -> None:
    assert set(fields(Observation(at=AT, site=Site(at=AT, evcc=EvccFact(reachable=False)))).values()) == {None}


def test_every_field_can_be_renamed() -> None:
    seen = Observation(at=AT, site=Site(at=AT, evcc=EvccFact(reachable=True)), loadpoints=())
    assert set(fields(seen)) == set(FIELDS)
