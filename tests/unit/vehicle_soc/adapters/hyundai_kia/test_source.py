"""The real hyundai-kia-connect-api against strict Kia clouds on loopback."""

import asyncio
import json
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems.demo.broker import free_port
from support.clouds import context, served, source
from support.fake_kia import CODE, OTHER_VIN, PASSWORD, USER, VIN, FakeKia
from support.kia_car import kia
from support.patience import in_time
from vehicle_soc.adapters.provider import (
    AuthRequired,
    Impossible,
    LoginStep,
    QuotaExceeded,
    Unavailable,
)
from vehicle_soc.adapters.token_store import TokenStore

pytestmark = pytest.mark.filterwarnings("ignore:'ssl_version' option is deprecated:FutureWarning")  # the library's


async def test_a_cached_state_is_read_and_the_car_is_never_woken(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        found = await car.read(force=False)
    assert (found.source, found.soc_pct, found.range_km, found.aux_battery_pct) == ("hyundai_kia", 58, 262, 87)
    assert (found.plugged_in, found.charging) == (True, True)
    assert cloud.count("rltmvhclsts") == 0
    assert cloud.surprises == []


async def test_the_time_is_the_cars_own(tmp_path: Path) -> None:
    async with kia(FakeKia(), tmp_path) as car:
        found = await car.read(force=False)
    assert found.measured_at is not None
    assert found.measured_at.date() == datetime(2026, 11, 20, tzinfo=UTC).date()


async def test_a_forced_read_wakes_the_car(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=True)
    assert cloud.count("rltmvhclsts") == 1


async def test_a_car_that_sends_no_timestamp_has_none(tmp_path: Path) -> None:
    cloud = FakeKia()
    del cloud.status["lastStatusDate"]
    async with kia(cloud, tmp_path) as car:
        found = await car.read(force=False)
    assert (found.soc_pct, found.measured_at) == (58, None)


async def test_a_soc_of_zero_is_zero_and_a_missing_one_is_missing(tmp_path: Path) -> None:
    cloud = FakeKia()
    cloud.status["evStatus"]["batteryStatus"] = 0
    async with kia(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 0
        del cloud.status["evStatus"]["batteryStatus"]
        assert (await car.read(force=False)).soc_pct is None
        cloud.status["evStatus"]["batteryStatus"] = 255
        assert (await car.read(force=False)).soc_pct is None


async def test_a_restart_uses_the_kept_token(tmp_path: Path) -> None:
    cloud = FakeKia()
    for _ in range(2):
        async with kia(cloud, tmp_path) as car:
            assert (await car.read(force=False)).soc_pct == 58
    assert cloud.count("v2/login") == 1
    (kept,) = (tmp_path / "logins").glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_an_expired_token_is_renewed(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=False)
        cloud.expired.update(cloud.tokens)
        assert (await car.read(force=False)).soc_pct == 58
    assert cloud.count("v2/login") == 2


@pytest.mark.parametrize("region", ["canada", "usa"])
async def test_a_new_device_asks_for_a_code_once(tmp_path: Path, region: str) -> None:
    cloud = FakeKia(wants_code=True)
    async with kia(cloud, tmp_path, region) as car:
        with pytest.raises(AuthRequired) as wanted:
            await car.read(force=False)
        assert wanted.value.step is LoginStep.CODE
        assert cloud.count("send") == 0, "polling sends no mails"
        assert await car.send_code() == "e-mail"
        with pytest.raises(AuthRequired, match="code") as wrong:
            await car.complete("000000")
        assert "000000" not in str(wrong.value)
        await car.complete(CODE)
        assert (await car.read(force=False)).soc_pct == 58
    cloud.expired.update(cloud.tokens)
    if region == "canada":
        async with kia(cloud, tmp_path, region) as car:
            assert (await car.read(force=False)).soc_pct == 58
    assert cloud.surprises == []


async def test_a_session_that_ends_in_the_middle_and_wants_a_code_again_says_so(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path, "usa") as car:
        await car.read(force=False)
        cloud.expired.update(cloud.tokens)
        cloud.wants_code = True
        with pytest.raises(AuthRequired) as why:
            await car.read(force=False)
    assert why.value.step is LoginStep.CODE


async def test_a_code_that_nobody_asked_for_is_refused_without_a_request(tmp_path: Path) -> None:
    cloud = FakeKia(wants_code=True)
    async with kia(cloud, tmp_path) as car:
        with pytest.raises(AuthRequired):
            await car.complete(CODE)
    assert cloud.requests == []


@pytest.mark.parametrize("region", ["canada", "usa"])
async def test_a_wrong_password_is_said_and_tried_once(tmp_path: Path, region: str) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path, region, password="wrong") as car:
        with pytest.raises(AuthRequired, match="user name and password") as why:
            await car.read(force=False)
    assert why.value.step is LoginStep.PASSWORD
    assert cloud.count("login") + cloud.count("authUser") == 1


@pytest.mark.parametrize("region", ["canada", "usa"])
@pytest.mark.parametrize(
    "raw",
    [
        (502, "text/html", "<html>Bad Gateway</html>"),
        (200, "application/json", "{}"),
        (200, "application/json", "[]"),
        (200, "application/json", "{broken"),
        (200, "text/plain", ""),
    ],
)
async def test_an_answer_that_is_none_is_tried_again_later(
    tmp_path: Path, region: str, raw: tuple[int, str, str]
) -> None:
    async with kia(FakeKia(raw=raw), tmp_path, region) as car:
        with pytest.raises(Unavailable) as why:
            await car.read(force=False)
    assert not isinstance(why.value, QuotaExceeded)


async def test_a_refusal_in_the_clouds_own_words_is_not_passed_on(tmp_path: Path) -> None:
    async with kia(FakeKia(state_error=("7445", "could not be processed")), tmp_path) as car:
        with pytest.raises(Unavailable) as why:
            await car.read(force=False)
    assert "canary" not in str(why.value)
    assert VIN not in str(why.value)


async def test_a_cloud_that_refuses_connections_is_said(tmp_path: Path) -> None:
    async with kia(FakeKia(), tmp_path, "usa", api_url=f"http://127.0.0.1:{free_port()}") as car:
        with pytest.raises(Unavailable, match="no connection"):
            await car.read(force=False)


async def test_one_of_several_cars_must_be_named(tmp_path: Path) -> None:
    cloud = FakeKia(cars=[VIN, OTHER_VIN])
    async with kia(cloud, tmp_path, vin=None) as car:
        with pytest.raises(Impossible, match="2 cars"):
            await car.read(force=False)
    async with kia(cloud, tmp_path, vin=OTHER_VIN) as car:
        assert (await car.read(force=False)).soc_pct == 58


async def test_a_stuck_call_is_left_behind_and_the_next_one_works(tmp_path: Path) -> None:
    cloud = FakeKia(hang=asyncio.Event())
    async with kia(cloud, tmp_path, timeout_s=1) as car:
        with pytest.raises(Unavailable, match="timeout"):
            await car.read(force=False)
        waiting, cloud.hang = cloud.hang, None
        assert (await car.read(force=False)).soc_pct == 58
        assert waiting is not None
        waiting.set()
    assert cloud.count("v2/login") == 1, "the new session starts with the kept login"


async def test_calls_of_one_account_come_one_after_the_other(tmp_path: Path) -> None:
    cloud = FakeKia(cars=[VIN, OTHER_VIN])
    async with served(cloud.canada()) as url, context(tmp_path) as using:
        options = {"username": USER, "password": PASSWORD, "brand": "kia", "region": "canada", "api_url": url}
        cars = [source("hyundai_kia", using, vin=vin, **options) for vin in cloud.cars]
        found = await asyncio.gather(*(car.read(force=False) for car in cars))
    assert [reading.soc_pct for reading in found] == [58, 58]
    assert cloud.count("v2/login") == 1


async def test_the_event_loop_goes_on_while_the_library_blocks(tmp_path: Path) -> None:
    """The library sleeps for half a minute when nobody answers; the loop must not notice."""
    lags: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - before - 0.01)

    async with kia(FakeKia(), tmp_path, api_url=f"http://127.0.0.1:{free_port()}", timeout_s=1.5) as car:
        watching = asyncio.create_task(watch())
        with pytest.raises(Unavailable):
            await car.read(force=False)
        watching.cancel()
    assert len(lags) > 10
    assert sorted(lags)[len(lags) * 95 // 100] < in_time(0.05), "the library slept 1.5 s; the loop went on"


async def test_the_password_of_the_settings_outranks_that_of_the_last_login(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=False)
    cloud.expired.update(cloud.tokens)
    (kept,) = (tmp_path / "logins").glob("*.json")
    login = json.loads(kept.read_text())
    kept.write_text(json.dumps(login | {"password": "an-older-one"}))
    async with kia(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 58


async def test_a_kept_login_that_makes_no_sense_is_as_good_as_none(tmp_path: Path) -> None:
    cloud = FakeKia()
    store = TokenStore(tmp_path / "logins")
    store.save(f"hyundai_kia:kia:canada:{USER}", {"access_token": "x"})
    async with kia(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 58


async def test_regions_and_brands_may_be_the_librarys_numbers(tmp_path: Path) -> None:
    async with context(tmp_path) as using:
        source("hyundai_kia", using, username=USER, password=PASSWORD, brand=1, region=2)
        source("hyundai_kia", using, username=USER, password=PASSWORD, brand="Kia", region="Europe")
        with pytest.raises(ValueError, match="region"):
            source("hyundai_kia", using, username=USER, password=PASSWORD, brand="kia", region="mars")
