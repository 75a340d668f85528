"""Every field of the site and loadpoint facts, by hand from what three real evcc showed; and the traps."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ems.contract.site import BatteryDevice, BatteryFact, BatteryMode, EvccFact, EvccVehicle, OptimizerScope, Site
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


def test_whether_evcc_can_limit_feeding_in_is_shown() -> None:
    assert facts(body("0.313", "state-plan")).site.own_export_limit_w == 0, "it could, and does not"
    assert facts(body("0.207.6", "state-plan")).site.own_export_limit_w is None


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
