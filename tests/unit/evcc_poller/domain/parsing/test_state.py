"""Every field of the site and loadpoint facts, by hand from what three real evcc showed; and the traps."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.site import (
    BatteryDevice,
    BatteryFact,
    BatteryMode,
    EvccFact,
    EvccPlan,
    EvccVehicle,
    Loadpoint,
    LoadpointKind,
    LoadpointMode,
    OptimizerScope,
    OverruledBy,
    Site,
)
from ems.i18n.health.renderer import words
from ems.i18n.health.troubles import EvccUnanswered, NamesUnusable
from ems.i18n.records import reason
from evcc_poller.domain.parsing.state import EvccFacts, erased, read_state, unreachable_site, unusable
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from support.evcc_recorded import VERSIONS, body

AT = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)
NAMES = VehicleNames()
VEHICLES = (
    EvccVehicle(name="guest", title="Gast", capacity_kwh=50),
    EvccVehicle(name="limo", title="Limousine", capacity_kwh=60),
    EvccVehicle(name="mini", title="Kleiner Flitzer", capacity_kwh=28),
)


def facts(state: Any, names: VehicleNames = NAMES) -> EvccFacts:
    return read_state(state, AT, names)


SOC = {  # evcc 0.207 and 0.300 round the battery's SoC at the top level, 0.313 does not
    "0.207.6": (49.991, 49.990609),
    "0.300.8": (49.951, 49.951167),
    "0.313": (49.790568, 49.790568),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_site_is_what_evcc_showed(version: str) -> None:
    soc, device_soc = SOC[version]
    name = "battery" if version == "0.313" else "battery-1"  # names came with the object
    assert facts(body(version, "state")).site == Site(
        at=AT,
        evcc=EvccFact(
            reachable=True,
            version=None if version == "0.207.6" else "0.0.0",
            last_contact=AT,
            interval_s=3,
            mqtt_root="evcc/core",
        ),
        grid_w=0,
        pv_w=74.2,
        home_w=395.3,
        battery=BatteryFact(
            power_w=321.1,
            soc_pct=soc,
            capacity_kwh=10,
            controllable=True,
            discharge_control=False,
            devices=(BatteryDevice(name=name, power_w=321.1, soc_pct=device_soc, capacity_kwh=10, controllable=True),),
        ),
        import_eur_per_kwh=0.318,
        export_eur_per_kwh=0.08,
        currency="EUR",
        title="Rig",
        own_export_limit_w=0 if version == "0.313" else None,
        residual_power_w=0,
        priority_soc_pct=0,
        buffer_soc_pct=0,
        buffer_start_soc_pct=0,
        vehicles=VEHICLES,
    )


def test_each_of_two_batteries_keeps_its_title_and_evccs_discharge_control_is_told() -> None:
    state = body("0.313", "state")
    lg = {"name": "db:7", "title": "LG", "power": 12.5, "capacity": 9.8, "soc": 61.5, "controllable": False}
    both = [*state["battery"]["devices"], lg]
    battery = {**state["battery"], "devices": both}
    found = facts({**state, "battery": battery, "batteryDischargeControl": True}).site.battery
    assert found is not None
    assert found.discharge_control is True
    assert [(d.name, d.title, d.capacity_kwh, d.controllable) for d in found.devices] == [
        ("battery", None, 10, True),
        ("db:7", "LG", 9.8, False),
    ]


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
    ("version", "name", "mode", "power_w"),
    [
        ("0.207.6", "state-hold", BatteryMode.HOLD, 0),
        ("0.300.8", "state-hold", BatteryMode.HOLD, 0),
        ("0.313", "state-hold", BatteryMode.HOLD, 0),
        ("0.207.6", "state-charge", BatteryMode.CHARGE, -5000),
        ("0.300.8", "state-charge", BatteryMode.CHARGE, 0),  # asked before the battery had followed
        ("0.313", "state-charge", BatteryMode.CHARGE, -5000),
    ],
)
def test_a_forced_battery_shows_its_mode_and_its_power(
    version: str, name: str, mode: BatteryMode, power_w: float
) -> None:
    found = facts(body(version, name))
    battery = found.site.battery
    assert battery is not None
    assert (battery.mode, battery.mode_external, battery.power_w) == (mode, mode, power_w)
    assert not found.external_untouched


@pytest.mark.parametrize("version", VERSIONS)
def test_a_mode_that_nobody_set_since_evccs_start_is_told_from_one_that_was_released(version: str) -> None:
    untouched, released = facts(body(version, "state")), facts(body(version, "state-released"))
    assert untouched.external_untouched
    assert not released.external_untouched
    for found in (untouched, released):
        assert found.site.battery is not None
        assert found.site.battery.mode_external is None


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


def test_whether_evcc_can_limit_feeding_in_is_shown() -> None:
    assert facts(body("0.313", "state-plan")).site.own_export_limit_w == 0, "it could, and does not"
    assert facts(body("0.207.6", "state-plan")).site.own_export_limit_w is None


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


def test_a_fatal_configuration_is_told_in_evccs_words_and_measures_nothing() -> None:
    found = facts(body("0.313", "fatal-state"))
    assert found.fatal is not None
    assert "tariff: tariff cannot create" in found.fatal.detail
    assert found.site.evcc.problem == f"evcc cannot work with its configuration: {found.fatal.detail}"
    assert found.site.evcc.problem_reason == reason(found.fatal)
    assert found.site.evcc.problem_text == words(found.fatal)
    assert (found.site.grid_w, found.site.battery, found.loadpoints) == (None, None, ())


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


def test_the_count_of_batteries_is_not_taken_for_their_capacity() -> None:
    devices = [{"power": 100, "soc": 50}, {"power": 100, "soc": 60, "capacity": 10}]
    battery = facts({"battery": {"power": 200, "soc": 55, "capacity": 2, "devices": devices}}).site.battery
    assert battery is not None
    assert battery.capacity_kwh is None
    assert [d.capacity_kwh for d in battery.devices] == [None, 10]


def test_a_home_without_battery_has_none_although_old_versions_show_zeros() -> None:
    assert facts({"batteryPower": 0, "batterySoc": 0, "batteryMode": "unknown"}).site.battery is None


def test_the_noise_of_binary_fractions_is_cut_off() -> None:
    assert facts({"homePower": 21.000000000000004}).site.home_w == 21


def test_nothing_is_not_less_than_nothing() -> None:
    site = facts({"homePower": -1e-9, "battery": {"power": -0.0, "soc": -1e-9}}).site
    assert site.battery is not None
    assert [str(x) for x in (site.home_w, site.battery.power_w, site.battery.soc_pct)] == ["0.0", "0.0", "0.0"]


def test_the_meters_of_before_0133_and_separate_pv_meters_are_read() -> None:
    site = facts({"gridPower": -250, "pv": [{"power": 100}, {"power": 50.5}]}).site
    assert (site.grid_w, site.pv_w) == (-250, 150.5)


@pytest.mark.parametrize("name", ["db:7", "My_Twingo", "Zoë", "a b", "x" * 65])
def test_a_vehicle_name_that_cannot_be_used_is_not_rewritten_but_said(name: str) -> None:
    state = {"vehicles": {name: {"title": "Twingo", "capacity": 22}}, "loadpoints": [lp(vehicleName=name)]}
    found = facts(state)
    assert found.unusable_names == (name,)
    assert found.site.vehicles == ()
    assert (found.loadpoints[0].vehicle, found.loadpoints[0].vehicle_title) == (None, "Limousine")
    assert unusable(found.unusable_names) == NamesUnusable((name,))
    named = facts(state, VehicleNames({name: "twingo"}))
    assert named.unusable_names == ()
    assert [v.name for v in named.site.vehicles] == ["twingo"]
    assert (named.loadpoints[0].vehicle, named.loadpoints[0].capacity_kwh) == ("twingo", 22)


def test_what_cannot_be_read_is_absent_and_named() -> None:
    found = facts({"homePower": "lots", "pvPower": 80, "prioritySoc": 300, "loadpoints": [lp(mode="turbo"), lp(), 7]})
    assert (found.site.home_w, found.site.pv_w, found.site.priority_soc_pct) == (None, 80, None)
    assert [lp.id for lp in found.loadpoints] == [2]
    assert found.site.evcc.problem is not None
    for place in ("homePower is not a number", "prioritySoc is not from 0 to 100 %", "loadpoints[0].mode"):
        assert place in found.site.evcc.problem


def test_an_evcc_out_of_reach_keeps_what_it_is_and_loses_what_it_measured() -> None:
    last = facts(body("0.313", "state")).site
    gone = unreachable_site(last, datetime(2026, 11, 21, 7, 11, tzinfo=UTC), EvccUnanswered("evcc does not answer"))
    assert (gone.evcc.reachable, gone.evcc.version, gone.evcc.last_contact) == (False, "0.0.0", AT)
    assert gone.evcc.problem == "evcc does not answer"
    assert (gone.title, gone.vehicles) == ("Rig", VEHICLES)
    assert (gone.grid_w, gone.pv_w, gone.home_w, gone.battery, gone.import_eur_per_kwh) == (None,) * 5


@pytest.mark.parametrize(
    ("shown", "scope"),
    [
        ({"optimizer": True}, None),
        ({"optimizer": True, "optimizerAutomatic": "off"}, None),
        ({"optimizer": True, "optimizerAutomatic": "battery"}, OptimizerScope.BATTERY),
        ({"optimizer": True, "optimizerAutomatic": "full"}, OptimizerScope.ALL),
        ({"optimizer": True, "optimizerAutomatic": True}, OptimizerScope.ALL),
        ({"optimizer": True, "optimizerAutomatic": False}, None),
        ({"optimizer": {"automatic": True}}, OptimizerScope.ALL),
        ({"optimizer": {"automatic": "battery"}}, OptimizerScope.BATTERY),
        ({"optimizer": {"automatic": False}}, None),
        ({}, None),
    ],
)
def test_an_optimizer_steers_what_evcc_says_and_one_that_only_advises_nothing(
    shown: dict[str, Any], scope: OptimizerScope | None
) -> None:
    evcc = facts(shown).site.evcc
    assert (evcc.optimizer_active, evcc.optimizer_scope) == (scope is not None, scope)
    assert (evcc.optimizer_has_battery, evcc.optimizer_has_loadpoints) == (
        scope is not None,
        scope is OptimizerScope.ALL,
    )


def test_an_optimizer_in_a_mode_that_is_not_known_here_is_left_everything_and_said() -> None:
    found = facts({"optimizerAutomatic": "vehicles"})
    assert found.site.evcc.optimizer_scope is OptimizerScope.ALL
    assert found.problems == ("optimizerAutomatic is not off, battery or full",)


def test_a_message_of_before_in_which_the_optimizer_is_active_means_everything() -> None:
    evcc = EvccFact.model_validate_json('{"reachable": true, "optimizer_active": true}')
    assert (evcc.optimizer_has_battery, evcc.optimizer_has_loadpoints) == (True, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("status", "import_w", "export_w"),
    [
        ({}, None, None),
        ({"dimmed": False, "maxConsumptionPower": 0, "curtailed": 100, "maxProductionPower": 0}, None, None),
        ({"dimmed": True, "maxConsumptionPower": 4200}, 4200, None),
        ({"curtailed": 60, "maxProductionPower": 6000}, None, 6000),
        ({"curtailed": 0, "maxProductionPower": 0}, None, 0),
    ],
    ids=["no grid operator", "nothing limited", "dimmed", "curtailed", "curtailed to nothing"],
)
def test_what_the_grid_operator_limits_is_told(
    status: dict[str, Any], import_w: float | None, export_w: float | None
) -> None:
    site = facts({"hems": {"config": {"configured": True}, "status": status}}).site
    assert (site.import_limit_w, site.export_limit_w) == (import_w, export_w)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """``value`` with another one at ``path``."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


STATES = [{k: v for k, v in body(v, "state-plan").items() if k != "forecast"} for v in VERSIONS]
PLACES = [(state, path) for state in STATES for path in paths(state)]


@given(place=st.sampled_from(PLACES), garbage=JSON)
def test_garbage_at_any_place_of_a_real_state_is_survived_and_sent(place: Any, garbage: Any) -> None:
    state, path = place
    found = facts(changed(state, path, garbage))
    for message in (found.site, *found.loadpoints):
        assert type(message).parse(message.payload()) == message


@given(state=st.dictionaries(st.sampled_from(sorted(STATES[2])) | st.text(max_size=8), JSON, max_size=8))
def test_a_state_of_nothing_but_garbage_is_survived_and_sent(state: dict[str, Any]) -> None:
    found = facts(state)
    assert found.site.payload()


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
    ("mqtt", "prefix", "bad"),
    [
        ({"broker": "b:1883", "topic": "evcc"}, "evcc/ems", True),
        ({"broker": "b:1883", "topic": "evcc/ems"}, "evcc/ems", True),
        ({"broker": "b:1883", "topic": "evcc/"}, "evcc/ems", True),
        ({"broker": "b:1883", "topic": "evcc/core"}, "evcc/ems", False),
        ({"broker": "b:1883", "topic": "evcc/em"}, "evcc/ems", False),
        ({"broker": "b:1883", "topic": "evcc/ems/core"}, "evcc/ems", False),
        ({"broker": "b:1883", "topic": "evcc"}, "home/ems", False),
        ({"broker": "", "topic": "evcc"}, "evcc/ems", False),
        (None, "evcc/ems", False),
    ],
)
def test_evccs_root_at_or_above_the_suites_is_told(mqtt: Any, prefix: str, bad: bool) -> None:
    trouble = erased(facts({"mqtt": mqtt}).site.evcc.mqtt_root, prefix)
    assert (trouble is not None) is bad
    assert trouble is None or trouble.instead == "evcc/core"


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
