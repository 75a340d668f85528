"""How the simulated evcc charges cars: modes, limits, its own plans, its optimizer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from ems.contract.site import EvccPlan
from ems.simulator.environment import Conditions, Recorded, Steady
from ems.simulator.home import CarTrip
from ems.simulator.server import SimulatedEvcc
from evcc_poller.domain.parsing.state import read_state
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from support.clocks import StandingClock
from support.evcc_client import START, Client, house

BERLIN = ZoneInfo("Europe/Berlin")


async def test_how_long_a_car_stays_shows_only_when_it_has_gone(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    clock.advance(600)
    assert (await client.loadpoint())["connectedDuration"] == 0
    evcc.home.cars["limo"].loadpoint = None
    clock.advance(31)
    assert (await client.loadpoint())["connectedDuration"] == pytest.approx(630, abs=31)


async def test_a_mode_acts_at_once_and_now_drains_a_normal_battery(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    clock.advance(31)
    await client.state()
    await client.post("/loadpoints/1/mode/now")
    assert evcc.home.car_w("1") == pytest.approx(11000)
    assert evcc.home.battery_w == pytest.approx(5000)
    clock.advance(31)
    loadpoint = await client.loadpoint()
    assert loadpoint["charging"]
    assert loadpoint["chargePower"] == pytest.approx(11000)


async def test_pv_mode_follows_the_surplus_with_one_phase_or_three(clock: StandingClock) -> None:
    powers = {}
    for pv_w in (1000, 3000, 9000):
        sun = Steady(Conditions(load_w=500, pv_w=pv_w))
        async with SimulatedEvcc(house(environment=sun), clock) as evcc:
            powers[pv_w] = evcc.home.car_w("1")
    assert powers == {1000: 0, 3000: pytest.approx(2500), 9000: pytest.approx(8500)}


async def test_minpv_never_falls_below_the_minimum(evcc: SimulatedEvcc, client: Client) -> None:
    await client.post("/loadpoints/1/mode/minpv")
    assert evcc.home.car_w("1") == pytest.approx(6 * 230)
    await client.post("/loadpoints/1/mincurrent/8")
    assert evcc.home.car_w("1") == pytest.approx(8 * 230)
    await client.post("/loadpoints/1/phases/3")
    assert evcc.home.car_w("1") == pytest.approx(3 * 8 * 230)


async def test_charging_stops_at_the_limit(client: Client, clock: StandingClock) -> None:
    await client.post("/loadpoints/1/mode/now")
    await client.post("/loadpoints/1/limitsoc/50")
    clock.advance(3 * 3600)
    loadpoint = await client.loadpoint()
    assert loadpoint["vehicleSoc"] == pytest.approx(50)
    assert not loadpoint["charging"]
    assert loadpoint["sessionEnergy"] == pytest.approx(6000 / 0.9, rel=1e-3)


async def test_leaving_resets_mode_and_limit_and_keeps_the_last_soc(clock: StandingClock) -> None:
    home = house()
    home.cars["limo"].trips = (CarTrip(START + timedelta(hours=1), START + timedelta(hours=3), kwh=12),)
    async with SimulatedEvcc(home, clock) as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        await client.post("/loadpoints/1/mode/now")
        await client.post("/loadpoints/1/limitsoc/45")
        clock.advance(3600 + 40)
        loadpoint = await client.loadpoint()
        assert not loadpoint["connected"]
        assert (loadpoint["mode"], loadpoint["limitSoc"], loadpoint["vehicleSoc"]) == ("pv", 0, 45)
        clock.advance(2 * 3600)
        loadpoint = await client.loadpoint()
        assert loadpoint["connected"]
        assert loadpoint["vehicleSoc"] == pytest.approx(25)
        assert [(d.car, d.soc_pct, d.missing_kwh) for d in evcc.home.departures] == [("limo", 45, 0)]


async def test_an_old_evcc_shows_a_soc_of_zero_for_minutes_after_plugging_in(clock: StandingClock) -> None:
    home = house()
    home.cars["limo"].loadpoint = None
    async with SimulatedEvcc(home, clock, dialect="0.207") as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        evcc.home.cars["limo"].loadpoint = "1"
        clock.advance(31)
        loadpoint = await client.loadpoint()
        assert (loadpoint["connected"], loadpoint["vehicleSoc"]) == (True, 0)
        clock.advance(180)
        assert (await client.loadpoint())["vehicleSoc"] == pytest.approx(40)


def two_prices(cheap_from: datetime) -> Recorded:
    rows = [Conditions(load_w=500, import_eur_per_kwh=0.4), Conditions(load_w=500, import_eur_per_kwh=0.2)]
    return Recorded([START, cheap_from], rows, START + timedelta(days=3), zone=BERLIN)


async def test_its_own_plan_charges_in_the_cheap_slots_and_is_done_in_time(clock: StandingClock) -> None:
    home = house(environment=two_prices(START + timedelta(hours=4)))
    async with SimulatedEvcc(home, clock) as evcc, aiohttp.ClientSession() as session:
        client = Client(evcc, session)
        by = START + timedelta(hours=7)
        await client.post(f"/vehicles/limo/plan/soc/60/{by:%Y-%m-%dT%H:%M:%SZ}")
        assert (await client.ask("GET", "/loadpoints/1/plan"))[1]["plan"][0]["value"] == 0.2
        clock.advance(4 * 3600 - 60)
        assert (await client.loadpoint())["vehicleSoc"] == pytest.approx(40)
        clock.advance(3 * 3600)
        loadpoint = await client.loadpoint()
        assert loadpoint["vehicleSoc"] == pytest.approx(60, abs=1)
        clock.advance(120)
        assert (await client.loadpoint())["effectivePlanTime"] is None


async def test_a_plan_that_cannot_be_met_starts_at_once(client: Client, evcc: SimulatedEvcc) -> None:
    await client.post(f"/vehicles/limo/plan/soc/100/{START + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    assert (await client.loadpoint())["planActive"]
    assert evcc.home.car_w("1") == pytest.approx(11000)


async def test_a_repeating_plan_comes_back_every_weekday(client: Client) -> None:
    plan = {"weekdays": [4], "time": "07:00", "tz": "Europe/Berlin", "soc": 80, "active": True}
    await client.post("/vehicles/limo/plan/repeating", [plan])
    assert (await client.loadpoint())["effectivePlanTime"] == "2024-06-06T05:00:00Z"


async def test_the_gateway_reads_of_repeating_plans_the_next_time(client: Client) -> None:
    mornings = {"weekdays": [1, 2, 3, 4, 5], "time": "07:00", "tz": "Europe/Berlin", "soc": 80, "active": True}
    saturday = {"weekdays": [6], "time": "09:00", "tz": "Europe/Berlin", "soc": 100, "active": True}
    await client.post("/vehicles/limo/plan/repeating", [saturday, mornings])
    garage = read_state(await client.state(), START, VehicleNames()).loadpoints[0]
    assert garage.plan == EvccPlan(departure=datetime(2024, 6, 6, 5, tzinfo=UTC), soc_pct=80)


async def test_a_price_limit_charges_a_pv_car_and_grid_charging_fills_the_battery(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    assert await client.post("/smartcostlimit/0.31") == 0.31
    assert evcc.home.car_w("1") == pytest.approx(11000)
    assert await client.ask("DELETE", "/smartcostlimit") == (200, None)
    assert evcc.home.car_w("1") == 0
    await client.post("/batterygridchargelimit/0.31")
    clock.advance(31)
    assert (await client.state())["batteryGridChargeActive"]
    assert evcc.home.battery_w == pytest.approx(-5000)
    await client.post("/batterymode/hold")
    clock.advance(31)
    assert evcc.home.battery_w == 0


async def test_discharge_control_keeps_the_battery_from_a_fast_car(
    evcc: SimulatedEvcc, client: Client, clock: StandingClock
) -> None:
    await client.post("/batterydischargecontrol/true")
    await client.post("/loadpoints/1/mode/now")
    clock.advance(31)
    await client.state()
    assert evcc.home.battery_w == 0
