"""What is shown of loadpoints and of the cars and heaters at them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ems.contract.site import EvccPlan, Loadpoint, LoadpointKind, LoadpointMode, OverruledBy
from evcc_poller.domain.parsing.state import EvccFacts, read_state
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from support.evcc_recorded import VERSIONS, body

AT = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)
NAMES = VehicleNames()


def facts(state: Any, names: VehicleNames = NAMES) -> EvccFacts:
    return read_state(state, AT, names)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_loadpoints_are_what_evcc_showed(version: str) -> None:
    found = facts(body(version, "state"))
    assert found.problems == ()
    assert found.loadpoints == (
        Loadpoint(
            at=AT,
            id=1,
            title="Garage",
            mode=LoadpointMode.PV,
            connected=True,
            charging=False,
            enabled=False,
            power_w=0,
            vehicle="limo",
            vehicle_title="Limousine",
            capacity_kwh=60,
            soc_pct=42,
            range_km=158,
            effective_limit_soc_pct=100,
            min_current_a=6,
            max_current_a=16,
            phases_configured=0,
            phases_active=1,
            phases_switchable=True,
            session_kwh=0,
            priority=0,
        ),
        Loadpoint(
            at=AT,
            id=2,
            title="Carport",
            mode=LoadpointMode.PV,
            connected=False,
            charging=False,
            enabled=False,
            power_w=0,
            effective_limit_soc_pct=100,
            min_current_a=6,
            max_current_a=16,
            phases_configured=3,
            phases_active=3,
            phases_switchable=False,
            priority=0,
        ),
    )


@pytest.mark.parametrize(
    ("version", "session_kwh"), [("0.207.6", 0.003044), ("0.300.8", 0.003163), ("0.313", 0.003754)]
)
def test_a_charging_car_has_wh_as_kwh_and_a_limit_of_180_percent_as_full(version: str, session_kwh: float) -> None:
    garage = facts(body(version, "state-charge")).loadpoints[0]
    assert garage.session_kwh == session_kwh
    assert (garage.mode, garage.charging, garage.enabled, garage.power_w) == (LoadpointMode.MINPV, True, True, 1840)
    assert (garage.limit_soc_pct, garage.effective_limit_soc_pct, garage.priority) == (100, 100, 5)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plan_that_evcc_holds_is_shown(version: str) -> None:
    garage = facts(body(version, "state-plan")).loadpoints[0]
    assert garage.plan == EvccPlan(departure=datetime(2026, 11, 22, 6, 0, tzinfo=UTC), soc_pct=80)


def test_what_people_set_in_kwh_and_a_least_soc_are_shown_for_the_car_that_is_there() -> None:
    state = body("0.313", "state-plan")
    shown = state["loadpoints"][0] | {
        "limitEnergy": 12.5,
        "planEnergy": 10,
        "planTime": "2026-11-22T05:00:00Z",
        "effectiveMinSoc": 20,
        "vehicleLimitSoc": 90,
    }
    garage = facts(state | {"loadpoints": [shown]}).loadpoints[0]
    assert garage.energy_plan == EvccPlan(departure=datetime(2026, 11, 22, 5, 0, tzinfo=UTC), energy_kwh=10)
    assert garage.plan == EvccPlan(departure=datetime(2026, 11, 22, 6, 0, tzinfo=UTC), soc_pct=80)
    assert (garage.limit_energy_kwh, garage.effective_min_soc_pct, garage.vehicle_limit_soc_pct) == (12.5, 20, 90)
    gone = facts(state | {"loadpoints": [shown | {"connected": False}]}).loadpoints[0]
    assert (gone.energy_plan, gone.limit_energy_kwh, gone.effective_min_soc_pct) == (None, None, None)
    none = {"limitEnergy": 0, "planEnergy": 0, "planTime": None, "effectiveMinSoc": 0}
    nothing = facts(state | {"loadpoints": [shown | none]}).loadpoints[0]
    assert (nothing.energy_plan, nothing.limit_energy_kwh, nothing.effective_min_soc_pct) == (None, None, None)


def test_a_soc_of_zero_that_was_never_read_is_no_soc() -> None:
    garage = facts(body("0.207.6", "state-plan")).loadpoints[0]
    assert (garage.connected, garage.vehicle, garage.soc_pct, garage.range_km) == (True, "limo", None, None)


def test_the_car_that_left_takes_its_soc_and_name_with_it() -> None:
    shown = body("0.313", "state-unplugged")["loadpoints"][0]
    assert (shown["vehicleSoc"], shown["vehicleName"], shown["connectedDuration"]) == (42.051, "limo", 60)
    garage = facts(body("0.313", "state-unplugged")).loadpoints[0]
    assert not garage.connected
    assert (garage.soc_pct, garage.range_km, garage.vehicle, garage.capacity_kwh) == (None,) * 4
    assert (garage.connected_s, garage.session_kwh) == (None, None)


def lp(**changes: Any) -> dict[str, Any]:
    """A loadpoint of evcc's with a car, changed."""
    shown: dict[str, Any] = body("0.313", "state")["loadpoints"][0]
    return shown | changes


@pytest.mark.parametrize(
    ("shown", "mode"),
    [
        ({"mode": "smart", "alwaysCharge": "off"}, LoadpointMode.PV),
        ({"mode": "smart", "alwaysCharge": "on"}, LoadpointMode.MINPV),
        ({"mode": "smart", "alwaysCharge": "once"}, LoadpointMode.MINPV),
        ({"mode": "smart", "alwaysCharge": True}, LoadpointMode.MINPV),
        ({"mode": "smart", "alwaysCharge": False}, LoadpointMode.PV),
        ({"mode": "now", "alwaysCharge": "on"}, LoadpointMode.NOW),
        ({"mode": "off", "alwaysCharge": "off"}, LoadpointMode.OFF),
    ],
)
def test_the_modes_of_0316_are_read_in_the_old_words(shown: dict[str, Any], mode: LoadpointMode) -> None:
    assert facts({"loadpoints": [lp(**shown)]}).loadpoints[0].mode is mode


def test_a_heater_has_a_temperature_and_is_no_car() -> None:
    heater = facts(
        {"loadpoints": [lp(chargerFeatureHeating=True, vehicleSoc=48.5, limitSoc=60, effectiveLimitSoc=60)]}
    ).loadpoints[0]
    assert heater.kind is LoadpointKind.HEATER
    assert (heater.temperature_c, heater.limit_temperature_c) == (48.5, 60)
    assert (heater.soc_pct, heater.limit_soc_pct, heater.effective_limit_soc_pct, heater.range_km) == (None,) * 4


def test_hotter_than_a_hundred_degrees_is_no_share_of_anything() -> None:
    found = facts({"loadpoints": [lp(chargerFeatureHeating=True, vehicleSoc=112, effectiveLimitSoc=120)]})
    assert found.problems == ()
    assert found.loadpoints[0].temperature_c == 112


def test_a_car_that_is_truly_empty_is_at_zero() -> None:
    assert facts({"loadpoints": [lp(vehicleSoc=0, vehicleRange=3)]}).loadpoints[0].soc_pct == 0


@pytest.mark.parametrize("seconds", [0, 60, 9223372036])
def test_evccs_connected_duration_tells_nothing_of_a_stay(seconds: int) -> None:
    """It is 0 from plugging in to leaving, then the last stay's length; measured on 0.207, 0.300, 0.313 and smart."""
    assert facts({"loadpoints": [lp(connectedDuration=seconds)]}).loadpoints[0].connected_s is None


CHARGES = {"charging": True, "mode": "pv"}


@pytest.mark.parametrize(
    ("shown", "by"),
    [
        (CHARGES, None),
        (CHARGES | {"minSocNotReached": True}, OverruledBy.MIN_SOC),
        (CHARGES | {"planActive": True}, OverruledBy.PLAN),
        (CHARGES | {"smartCostActive": True}, OverruledBy.PRICE_LIMIT),
        (CHARGES | {"batteryBoost": True}, OverruledBy.BATTERY_BOOST),
        (CHARGES | {"mode": "minpv", "planActive": True}, OverruledBy.PLAN),
        (CHARGES | {"mode": "smart", "alwaysCharge": "once", "planActive": True}, OverruledBy.PLAN),
        (CHARGES | {"minSocNotReached": True, "planActive": True, "smartCostActive": True}, OverruledBy.MIN_SOC),
        ({"mode": "pv", "charging": False, "smartFeedInPriorityActive": True}, OverruledBy.FEEDIN_LIMIT),
        ({"mode": "pv", "charging": False, "planActive": True}, None),
        (CHARGES | {"mode": "now", "planActive": True}, None),
        (CHARGES | {"mode": "off", "minSocNotReached": True}, None),
        (CHARGES | {"connected": False, "planActive": True}, None),
    ],
)
def test_what_in_evcc_outranks_a_mode_is_told(shown: dict[str, Any], by: OverruledBy | None) -> None:
    (loadpoint,) = facts({"loadpoints": [lp(**shown)]}).loadpoints
    assert loadpoint.overruled_by is by


@pytest.mark.parametrize(("soc_pct", "by"), [(12, OverruledBy.MIN_SOC), (30, None), (0, None)])
def test_a_car_below_its_minimum_is_told_where_evcc_does_not_say_so_itself(
    soc_pct: int, by: OverruledBy | None
) -> None:
    shown = lp(**CHARGES, vehicleSoc=soc_pct)
    del shown["minSocNotReached"]
    (loadpoint,) = facts({"loadpoints": [shown], "vehicles": {"limo": {"minSoc": 20}}}).loadpoints
    assert loadpoint.overruled_by is by


def test_a_switch_socket_is_a_device_and_no_car() -> None:
    shown = lp(chargerFeatureIntegratedDevice=True, effectivePlanTime="2026-11-22T05:00:00Z", limitSoc=80)
    (socket,) = facts({"loadpoints": [shown]}).loadpoints
    assert socket.kind is LoadpointKind.DEVICE
    assert (socket.soc_pct, socket.range_km, socket.capacity_kwh, socket.plan) == (None,) * 4
    (boiler,) = facts({"loadpoints": [shown | {"chargerFeatureHeating": True}]}).loadpoints
    assert boiler.kind is LoadpointKind.HEATER


@pytest.mark.parametrize(
    ("shown", "modes"),
    [
        ({"chargerFeatureSwitchDevice": True, "alwaysCharge": "off", "mode": "smart"}, ("off", "pv", "now")),
        ({"chargerFeatureContinuous": True, "alwaysCharge": "off", "mode": "now"}, ("off", "pv", "now")),
        ({"chargerFeatureContinuous": True, "alwaysCharge": "on", "mode": "smart"}, ("off", "minpv", "now")),
        ({"alwaysCharge": "off", "mode": "smart"}, ("off", "pv", "minpv", "now")),
        ({"chargerFeatureSwitchDevice": True}, ("off", "pv", "minpv", "now")),
    ],
)
def test_a_loadpoint_tells_what_it_can_be_told(shown: dict[str, Any], modes: tuple[str, ...]) -> None:
    (loadpoint,) = facts({"loadpoints": [lp(**shown)]}).loadpoints
    assert loadpoint.modes == modes
