"""Every reply that real evcc gave to our calls is understood, and every refusal has its name."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.contract.site import BatteryMode, LoadpointMode, TariffKind
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import (
    EvccAway,
    EvccDown,
    EvccNotWorking,
    NoRates,
    NoSuchRoute,
    NotControllable,
    OptimizerActive,
    RefusedByEvcc,
)
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from support.evcc_recorded import VERSIONS, replaying

TOMORROW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)

ACCEPTED: list[tuple[str, Callable[[Evcc], Awaitable[object]]]] = [
    ("mode-now", lambda e: e.set_mode(1, LoadpointMode.NOW)),
    ("mode-pv", lambda e: e.set_mode(1, LoadpointMode.PV)),
    ("mode-minpv", lambda e: e.set_mode(1, LoadpointMode.MINPV)),
    ("limitsoc-80", lambda e: e.set_limit_soc(1, 80)),
    ("batterymode-hold", lambda e: e.set_battery_mode(BatteryMode.HOLD)),
    ("batterymode-charge", lambda e: e.set_battery_mode(BatteryMode.CHARGE)),
    ("batterymode-del", lambda e: e.clear_battery_mode()),
    ("vehicle-assign", lambda e: e.set_vehicle(1, "mini")),
    ("vehicle-unassign", lambda e: e.set_vehicle(1, None)),
    ("plan-soc", lambda e: e.set_vehicle_plan("limo", 80, TOMORROW)),
    ("plan-soc-del", lambda e: e.delete_vehicle_plan("limo")),
    ("smartcost-lp", lambda e: e.set_smart_cost_limit(0.25, 1)),
    ("smartcost-lp-del", lambda e: e.delete_smart_cost_limit(1)),
    ("smartcost-site", lambda e: e.set_smart_cost_limit(-0.05)),
    ("smartcost-site-del", lambda e: e.delete_smart_cost_limit()),
    ("gridcharge", lambda e: e.set_battery_grid_charge_limit(0.15)),
    ("gridcharge-del", lambda e: e.delete_battery_grid_charge_limit()),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "call"), ACCEPTED, ids=[name for name, _ in ACCEPTED])
async def test_a_write_that_evcc_took_is_a_success(
    version: str, name: str, call: Callable[[Evcc], Awaitable[object]]
) -> None:
    async with replaying(version, name) as url, Evcc(url) as evcc:
        await call(evcc)


REFUSED: list[tuple[str, Callable[[Evcc], Awaitable[object]], str]] = [
    ("vehicle-bogus", lambda e: e.set_vehicle(1, "nope"), "not found: nope"),
    ("plan-unknown-vehicle", lambda e: e.set_vehicle_plan("nope", 80, TOMORROW), "not found: nope"),
    (
        "plan-soc-past",
        lambda e: e.set_vehicle_plan("limo", 80, datetime(2020, 1, 1, tzinfo=UTC)),
        "timestamp is in the past",
    ),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("name", "call", "words"), REFUSED, ids=[name for name, _, _ in REFUSED])
async def test_a_refusal_has_evccs_own_words(
    version: str, name: str, call: Callable[[Evcc], Awaitable[object]], words: str
) -> None:
    async with replaying(version, name) as url, Evcc(url) as evcc:
        with pytest.raises(RefusedByEvcc, match=words):
            await call(evcc)


@pytest.mark.parametrize("version", ["0.207.6", "0.300.8"])
async def test_an_old_evcc_refuses_holdcharge(version: str) -> None:
    async with replaying(version, "batterymode-holdcharge") as url, Evcc(url) as evcc:
        with pytest.raises(RefusedByEvcc, match="holdcharge does not belong"):
            await evcc.set_battery_mode(BatteryMode.HOLDCHARGE)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_loadpoint_that_is_not_there_is_told_from_an_evcc_that_starts(version: str) -> None:
    async with replaying(version, "state", "mode-lp-9") as url, Evcc(url) as evcc:
        with pytest.raises(NoSuchRoute, match="loadpoints/9/mode/now"):
            await evcc.set_mode(9, LoadpointMode.NOW)
    async with replaying(version) as url, Evcc(url) as evcc:
        with pytest.raises(EvccDown, match="starting"):
            await evcc.set_mode(1, LoadpointMode.NOW)


async def test_a_write_to_an_evcc_with_a_broken_configuration_says_what_is_broken() -> None:
    async with replaying("0.313", "fatal-state", "fatal-mode") as url, Evcc(url) as evcc:
        with pytest.raises(EvccNotWorking, match="tariff: tariff cannot create"):
            await evcc.set_mode(1, LoadpointMode.NOW)


async def test_outdated_rates_are_no_rates_for_now() -> None:
    async with replaying("0.313", "tariff-grid-outdated") as url, Evcc(url) as evcc:
        with pytest.raises(NoRates, match="outdated"):
            await evcc.tariff(TariffKind.GRID)


@pytest.mark.parametrize("version", ["0.207.6", "0.300.8"])
async def test_an_old_evcc_keeps_no_history(version: str) -> None:
    async with replaying(version, "state") as url, Evcc(url) as evcc:
        with pytest.raises(NoSuchRoute):
            await evcc.history_energy(TOMORROW, TOMORROW)


async def served(
    handler: Callable[[web.Request], Awaitable[web.Response]],
    call: Callable[[Evcc], Awaitable[object]],
    *,
    password: str | None = None,
    timeout_s: float = 5,
    names: VehicleNames | None = None,
) -> object:
    """What ``call`` makes of an evcc that answers by ``handler``."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        Evcc(f"http://127.0.0.1:{server.port}/", password=password, timeout_s=timeout_s, names=names) as evcc,
    ):
        return await call(evcc)


async def test_zero_as_the_answer_to_a_battery_mode_means_that_nothing_can_be_controlled() -> None:
    async def zero(_: web.Request) -> web.Response:
        return web.json_response(0)

    with pytest.raises(NotControllable):
        await served(zero, lambda e: e.set_battery_mode(BatteryMode.HOLD))


async def test_a_mode_that_evcc_answers_otherwise_was_not_set() -> None:
    async def off(_: web.Request) -> web.Response:
        return web.json_response("off")

    with pytest.raises(RefusedByEvcc, match="'off' when asked for mode now"):
        await served(off, lambda e: e.set_mode(1, LoadpointMode.NOW))


@pytest.mark.parametrize("mode", [LoadpointMode.PV, LoadpointMode.MINPV])
async def test_smart_is_the_new_word_for_both_solar_modes(mode: LoadpointMode) -> None:
    async def smart(_: web.Request) -> web.Response:
        return web.json_response("smart")

    await served(smart, lambda e: e.set_mode(1, mode))
    with pytest.raises(RefusedByEvcc):
        await served(smart, lambda e: e.set_mode(1, LoadpointMode.NOW))


async def test_the_envelope_of_old_versions_is_taken_off() -> None:
    async def wrapped(_: web.Request) -> web.Response:
        return web.json_response({"result": {"siteTitle": "Home"}})

    assert await served(wrapped, lambda e: e.state()) == {"siteTitle": "Home"}


async def test_409_means_that_evccs_own_optimizer_is_in_charge() -> None:
    async def conflict(_: web.Request) -> web.Response:
        return web.json_response({"error": "not available in automatic mode"}, status=409)

    with pytest.raises(OptimizerActive, match="automatic mode"):
        await served(conflict, lambda e: e.set_battery_grid_charge_limit(0.1))


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_internal_error_is_worth_another_try(status: int) -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.json_response({"error": "timeout"}, status=status)

    with pytest.raises(EvccNotWorking, match="timeout"):
        await served(broken, lambda e: e.set_mode(1, LoadpointMode.NOW))


async def test_a_page_instead_of_json_is_not_evcc() -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>welcome</html>", content_type="text/html")

    with pytest.raises(TransientError, match="not JSON"):
        await served(page, lambda e: e.state())


async def test_a_redirect_is_not_followed() -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/login"})

    with pytest.raises(PermanentError, match=r"final address as evcc\.url"):
        await served(elsewhere, lambda e: e.set_mode(1, LoadpointMode.NOW))


async def test_silence_is_given_up_in_time() -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("never")

    with pytest.raises(EvccAway, match=r"within 0\.05 s"):
        await served(silent, lambda e: e.state(), timeout_s=0.05)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_closed_port_is_an_evcc_that_ended(host: str, unused_tcp_port: int) -> None:
    async with Evcc(f"http://{host}:{unused_tcp_port}") as evcc:
        with pytest.raises(EvccDown, match="cannot be reached: connection refused"):
            await evcc.state()


async def test_silence_and_a_cut_connection_say_nothing_about_a_restart() -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(EvccAway) as caught:
        await served(cut, lambda e: e.state())
    assert not isinstance(caught.value, EvccDown)


async def test_a_proxy_before_an_evcc_that_is_down_is_no_evcc_in_trouble() -> None:
    async def gateway(_: web.Request) -> web.Response:
        return web.Response(status=502, text="Bad Gateway")

    with pytest.raises(EvccDown, match="502"):
        await served(gateway, lambda e: e.state())


def guarded(password: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An evcc whose every call wants a login."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/api/auth/login":
            if (await request.json())["password"] != password:
                return web.Response(status=401, text="Invalid password\n")
            response = web.Response(text='""', content_type="application/json")
            response.set_cookie("auth", "token")
            return response
        if request.cookies.get("auth") != "token":
            return web.Response(status=401, text="Unauthorized\n")
        return web.json_response("now")

    return answer


async def test_a_login_is_made_once_when_evcc_asks_for_it() -> None:
    await served(guarded("s3cret"), lambda e: e.set_mode(1, LoadpointMode.NOW), password="s3cret")


async def test_a_wrong_password_is_a_persons_task_and_is_not_repeated_in_words() -> None:
    with pytest.raises(PermanentError, match="does not accept the password") as caught:
        await served(guarded("s3cret"), lambda e: e.set_mode(1, LoadpointMode.NOW), password="wr0ng")
    assert "wr0ng" not in str(caught.value)


async def test_a_login_that_is_not_set_up_says_what_to_do() -> None:
    with pytest.raises(PermanentError, match="password_credential"):
        await served(guarded("s3cret"), lambda e: e.set_mode(1, LoadpointMode.NOW))


async def test_vehicles_go_back_to_evcc_under_its_own_names() -> None:
    seen: list[str] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.raw_path)
        return web.json_response({"vehicle": "Zoe"})

    names = VehicleNames({"db:7": "zoe"})
    await served(note, lambda e: e.set_vehicle(1, "zoe"), names=names)
    assert seen == ["/api/loadpoints/1/vehicle/db:7"]


async def test_a_limit_beyond_full_is_not_even_asked_for(unused_tcp_port: int) -> None:
    async with Evcc(f"http://127.0.0.1:{unused_tcp_port}") as evcc:
        with pytest.raises(ValueError, match="0 to 100"):
            await evcc.set_limit_soc(1, 180)
