"""The simulated evcc has evcc's habits: the good ones and the traps."""

from datetime import datetime, timedelta

import aiohttp
import pytest

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.car import Charger
from ems.simulator.faults import RatesFault
from ems.simulator.home import BatteryFault
from ems.simulator.server import SimulatedEvcc
from support.clocks import StandingClock
from support.evcc_client import START, Client, house


async def test_a_battery_mode_waits_for_the_next_cycle_and_lapses_after_a_minute(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    assert "batteryModeExternal" not in await client.state()
    clock.advance(5)
    assert await client.post("/batterymode/charge") == 3
    state = await client.state()
    assert (state["batteryModeExternal"], state["batteryMode"]) == ("charge", "unknown")
    clock.advance(30)
    assert (await client.state())["batteryMode"] == "charge"
    assert evcc.home.battery_w == pytest.approx(-5000)
    clock.advance(29)
    assert (await client.state())["batteryModeExternal"] == "charge"
    clock.advance(1)
    assert (await client.state())["batteryModeExternal"] == "unknown"
    clock.advance(30)
    assert (await client.state())["batteryMode"] == "normal"
    assert evcc.home.battery_w == pytest.approx(500)


async def test_a_refreshed_battery_mode_stays(evcc: SimulatedEvcc, client: Client, clock: StandingClock) -> None:
    for _ in range(20):
        await client.post("/batterymode/hold")
        clock.advance(20)
    assert evcc.home.battery_mode is BatteryMode.HOLD
    assert (await client.state())["battery"]["power"] == 0


async def test_a_killed_evcc_leaves_the_battery_forced_until_somebody_says_normal(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    await client.post("/batterymode/charge")
    clock.advance(31)
    await evcc.kill()
    clock.advance(600)
    assert evcc.home.battery_w == pytest.approx(-5000)
    await evcc.start()
    state = await client.state()
    assert state["batteryMode"] == "unknown"
    assert "batteryModeExternal" not in state
    assert await client.ask("DELETE", "/batterymode") == (200, 0)
    clock.advance(120)
    assert evcc.home.battery_w == pytest.approx(-5000)
    assert evcc.home.battery_orders == [(START + timedelta(seconds=30), BatteryMode.CHARGE)]
    await client.post("/batterymode/normal")
    clock.advance(31)
    assert evcc.home.battery_mode is BatteryMode.NORMAL


async def test_a_terminated_evcc_sets_the_battery_to_normal(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    await client.post("/batterymode/charge")
    clock.advance(31)
    await evcc.terminate()
    assert evcc.home.battery_mode is BatteryMode.NORMAL


async def test_while_it_is_down_connections_are_refused_and_it_comes_back_on_the_same_port(
    evcc: SimulatedEvcc, client: Client
) -> None:
    url = evcc.url
    await evcc.kill()
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.state()
    await evcc.start()
    assert evcc.url == url
    assert (await client.state())["interval"] == 30


@pytest.mark.parametrize(("age_s", "limit"), [(20, 0), (80, 77)])
async def test_a_crash_loses_settings_that_are_younger_than_a_minute(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock, age_s: float, limit: int
) -> None:
    clock.advance(61)
    await client.state()
    await client.post("/loadpoints/1/mode/now")
    await client.post("/loadpoints/1/limitsoc/77")
    clock.advance(age_s)
    await evcc.kill()
    await evcc.start()
    loadpoint = await client.loadpoint()
    assert loadpoint["limitSoc"] == limit


@pytest.mark.parametrize(("defaults", "mode"), [({"1": LoadpointMode.PV}, "pv"), ({}, "now")])
async def test_a_default_mode_comes_back_at_every_start_and_without_one_the_mode_stays(
    clock: StandingClock, defaults: dict[str, LoadpointMode], mode: str
) -> None:
    async with (
        SimulatedEvcc(house(), clock, default_modes=defaults) as evcc,
        aiohttp.ClientSession() as session,
    ):
        client = Client(evcc, session)
        await client.post("/loadpoints/1/mode/now")
        await evcc.terminate()
        await evcc.start()
        assert (await client.loadpoint())["mode"] == mode


@pytest.mark.parametrize("fault", list(BatteryFault))
async def test_evcc_believes_its_own_write_and_refreshing_repairs_nothing(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock, fault: BatteryFault
) -> None:
    evcc.home.battery_fault = fault
    await client.post("/batterymode/hold")
    clock.advance(31)
    state = await client.state()
    assert state["batteryMode"] == "hold"
    evcc.home.battery_fault = None
    for _ in range(3):
        await client.post("/batterymode/hold")
        clock.advance(31)
    assert (await client.state())["battery"]["power"] == pytest.approx(500)
    for mode in ("normal", "hold"):
        await client.post(f"/batterymode/{mode}")
        clock.advance(31)
    await client.post("/batterymode/hold")
    clock.advance(31)
    assert (await client.state())["battery"]["power"] == 0


async def test_a_battery_that_can_only_hold_swallows_charge(clock: StandingClock) -> None:
    modes = frozenset({BatteryMode.NORMAL, BatteryMode.HOLD})
    async with SimulatedEvcc(house(battery_modes=modes), clock) as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        await client.post("/batterymode/charge")
        clock.advance(31)
        state = await client.state()
        assert state["batteryMode"] == "charge"
        assert state["battery"]["power"] == pytest.approx(500)


async def test_a_battery_that_is_not_controllable_answers_zero_and_refuses_grid_charging(clock: StandingClock) -> None:
    async with SimulatedEvcc(house(battery_controllable=False), clock) as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        assert await client.post("/batterymode/hold") == 0
        assert (await client.ask("POST", "/batterygridchargelimit/0.2"))[0] == 400
        clock.advance(60)
        assert (await client.state())["batteryMode"] == "unknown"


async def test_its_optimizer_refuses_what_it_decides_itself_and_nothing_else(
    evcc: SimulatedEvcc, client: Client
) -> None:
    evcc.faults.optimizer = True
    refused = ("smartcostlimit/0.2", "smartfeedinprioritylimit/0.2", "batterygridchargelimit/0.2")
    for path in (*refused, "batterydischargecontrol/true", "loadpoints/1/smartcostlimit/0.2"):
        assert (await client.ask("POST", f"/{path}"))[0] == 409, path
    assert (await client.state())["optimizer"] is True
    assert await client.post("/loadpoints/1/mode/now") == "now"


async def test_the_newest_evcc_speaks_of_smart_and_understands_the_old_words(clock: StandingClock) -> None:
    async with SimulatedEvcc(house(), clock, dialect="0.316") as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        loadpoint = await client.loadpoint()
        assert (loadpoint["mode"], loadpoint["alwaysCharge"]) == ("smart", "off")
        assert await client.post("/loadpoints/1/mode/minpv") == "smart"
        loadpoint = await client.loadpoint()
        assert (loadpoint["mode"], loadpoint["alwaysCharge"]) == ("smart", "on")
        assert await client.post("/loadpoints/1/mode/off") == "off"
        assert await client.post("/loadpoints/1/mode/smart") == "smart"
        assert (await client.loadpoint())["alwaysCharge"] == "on"
        assert await client.post("/loadpoints/1/alwayscharge/once") == "once"
        assert (await client.ask("POST", "/loadpoints/1/alwayscharge/twice"))[0] == 400
        evcc.home.cars["limo"].loadpoint = None
        clock.advance(31)
        assert (await client.loadpoint())["alwaysCharge"] == "off"


async def test_a_lost_reply_was_still_carried_out_and_a_lost_request_was_not(
    evcc: SimulatedEvcc, client: Client
) -> None:
    evcc.faults.lose_reply("mode/now")
    with pytest.raises(aiohttp.ClientError):
        await client.post("/loadpoints/1/mode/now")
    assert (await client.loadpoint())["mode"] == "now"
    evcc.faults.lose_request("mode/off")
    with pytest.raises(aiohttp.ClientError):
        await client.post("/loadpoints/1/mode/off")
    assert (await client.loadpoint())["mode"] == "now"
    assert [r.status for r in evcc.requests_log] == [None, 200, None, 200]


async def test_faults_come_as_often_as_asked_and_then_it_works_again(evcc: SimulatedEvcc, client: Client) -> None:
    evcc.faults.answer(500, "POST /api/batterymode", times=2)
    assert [(await client.ask("POST", "/batterymode/hold"))[0] for _ in range(3)] == [500, 500, 200]
    evcc.faults.delay(0.05)
    before = len(evcc.requests_log)
    assert (await client.ask("GET", "/state"))[0] == 200
    assert len(evcc.requests_log) == before + 1


async def test_while_it_starts_every_path_is_404_in_plain_text(evcc: SimulatedEvcc, client: Client) -> None:
    evcc.faults.not_ready = True
    assert await client.ask("GET", "/state") == (404, "404 page not found\n")
    assert (await client.ask("POST", "/batterymode/hold"))[0] == 404
    evcc.faults.clear()
    assert (await client.ask("GET", "/state"))[0] == 200


async def test_a_fatal_configuration_shows_in_the_state_and_all_else_is_404(
    evcc: SimulatedEvcc, client: Client
) -> None:
    evcc.faults.fatal = "cannot create tariff"
    state = await client.state()
    assert state["fatal"] == [{"class": "tariff", "error": "cannot create tariff"}]
    assert state["loadpoints"] == []
    assert (await client.ask("POST", "/loadpoints/1/mode/now"))[0] == 404


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [(RatesFault.GONE, 404, "tariff not available"), (RatesFault.OUTDATED, 404, "outdated")],
)
async def test_rates_can_be_gone_or_outdated_while_the_state_goes_on_showing_the_price(
    evcc: SimulatedEvcc, client: Client, fault: RatesFault, status: int, error: str
) -> None:
    evcc.faults.rates = fault
    assert await client.ask("GET", "/tariff/grid") == (status, {"error": error})
    assert (await client.state())["tariffGrid"] == 0.3


async def test_rates_can_be_garbage(evcc: SimulatedEvcc, client: Client) -> None:
    evcc.faults.rates = RatesFault.GARBAGE
    status, body = await client.ask("GET", "/tariff/grid")
    assert status == 200
    with pytest.raises(ValueError, match="Invalid isoformat"):
        datetime.fromisoformat(body["rates"][0]["start"])


async def test_history_holds_whole_finished_slots_and_sums_them(client: Client, clock: StandingClock) -> None:
    assert await client.ask("GET", "/history/energy") == (200, None)
    await client.post("/loadpoints/1/mode/now")
    clock.advance(2 * 3600 + 300)
    status, series = await client.ask("GET", "/history/energy?aggregate=15m&group=loadpoint")
    assert status == 200
    assert [s["title"] for s in series] == ["Garage"]
    assert len(series[0]["data"]) == 8
    assert series[0]["data"][0]["energy"] == pytest.approx(2.75)
    _, hours = await client.ask("GET", "/history/energy?aggregate=hour&group=home&grouped=true")
    assert [e["energy"] for e in hours[0]["data"]] == [0.5, 0.5]
    assert (await client.ask("GET", "/history/energy?aggregate=1h"))[0] == 500
    _, later = await client.ask("GET", f"/history/energy?group=home&from={START + timedelta(hours=1):%Y-%m-%dT%H:%MZ}")
    assert len(later[0]["data"]) == 4


async def test_the_battery_can_be_charged_with_no_more_than_it_holds(clock: StandingClock) -> None:
    async with SimulatedEvcc(house(chargers={"1": Charger()}, cars={}), clock, lease_s=86400) as evcc:
        assert evcc.evcc is not None
        evcc.evcc.set_external(BatteryMode.CHARGE)
        clock.advance(4 * 3600)
        assert evcc.home.battery_soc_pct == pytest.approx(100)
        assert evcc.home.meter.import_kwh == pytest.approx(5 / 0.95 + 2, rel=0.01)


async def test_a_password_guards_what_evcc_guards(clock: StandingClock) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        SimulatedEvcc(house(), clock, password="correct") as evcc,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        client = Client(evcc, session)
        path = "/config/devices/vehicle/mini/status"
        assert await client.ask("GET", path) == (401, "Unauthorized\n")
        assert (await client.ask("POST", "/auth/login", {"password": "wrong"}))[0] == 401
        assert (await client.ask("POST", "/auth/login", {"password": "correct"}))[0] == 200
        status, device = await client.ask("GET", path)
        assert status == 200
        assert device["soc"]["value"] == pytest.approx(100 * 20 / 28)
