"""The real renault-api against a strict MyRenault on loopback."""

import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ems.demo.broker import free_port
from support.clouds import context, served, source
from support.fake_renault import CODE, OTHER_VIN, PASSWORD, USER, VIN, FakeRenault
from vehicle_soc.adapters.provider import (
    AuthRequired,
    Impossible,
    LoginStep,
    QuotaExceeded,
    Unavailable,
)


@asynccontextmanager
async def zoe(cloud: FakeRenault, tmp_path: Path, **more: Any) -> AsyncGenerator[Any]:
    """A car at the fake cloud; leaving and entering again is a restart."""
    options = {"username": USER, "password": PASSWORD, "vin": VIN} | more
    async with served(cloud.app()) as url, context(tmp_path, car="zoe") as using:
        yield source("renault", using, **{"api_url": url, **{k: v for k, v in options.items() if v is not None}})


async def test_a_battery_status_is_read_with_the_time_at_which_the_car_measured_it(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        found = await car.read(force=False)
    assert (found.source, found.soc_pct, found.range_km) == ("renault", 63, 187)
    assert found.measured_at == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert (found.plugged_in, found.charging) == (True, True)
    assert cloud.surprises == []


async def test_a_restart_uses_the_kept_token_and_needs_no_password(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        await car.read(force=False)
    async with zoe(cloud, tmp_path, password=None) as car:
        assert (await car.read(force=False)).soc_pct == 63
    assert cloud.count("accounts.login") == 1


async def test_a_login_is_kept_for_us_alone_and_without_the_password(tmp_path: Path) -> None:
    async with zoe(FakeRenault(), tmp_path) as car:
        await car.read(force=False)
    (kept,) = (tmp_path / "logins").glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PASSWORD not in kept.read_text()
    assert USER not in kept.name


async def test_further_reads_cost_one_request(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        await car.read(force=False)
        before = len(cloud.requests)
        await car.read(force=False)
    assert len(cloud.requests) - before == 1


async def test_two_factor_asks_for_a_code_and_a_code_is_enough_for_the_device_from_then_on(tmp_path: Path) -> None:
    cloud = FakeRenault(two_factor=True)
    async with zoe(cloud, tmp_path) as car:
        with pytest.raises(AuthRequired) as wanted:
            await car.read(force=False)
        assert wanted.value.step is LoginStep.CODE
        assert cloud.count("sendVerificationCode") == 0, "polling sends no mails"
        assert await car.send_code() == "o***r@example.org"
        with pytest.raises(AuthRequired, match="code"):
            await car.complete("000000")
        await car.complete(CODE)
        assert (await car.read(force=False)).soc_pct == 63
    cloud.login_tokens.clear()  # the cloud forgets the login, but knows the device
    async with zoe(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 63
    assert cloud.surprises == []


async def test_a_code_that_nobody_asked_for_is_refused_without_a_request(tmp_path: Path) -> None:
    cloud = FakeRenault(two_factor=True)
    async with zoe(cloud, tmp_path) as car:
        with pytest.raises(AuthRequired):
            await car.complete(CODE)
    assert cloud.requests == []


async def test_an_expired_login_is_renewed_with_the_password(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        await car.read(force=False)
    cloud.login_tokens.clear()
    async with zoe(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 63
    assert cloud.count("accounts.login") == 2


async def test_an_expired_login_without_a_password_asks_for_a_login(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        await car.read(force=False)
    cloud.login_tokens.clear()
    async with zoe(cloud, tmp_path, password=None) as car:
        with pytest.raises(AuthRequired, match="vehicle-soc login zoe"):
            await car.read(force=False)


async def test_a_refused_access_token_is_renewed_once(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path) as car:
        await car.read(force=False)
        cloud.refuse_jwts = 1
        assert (await car.read(force=False)).soc_pct == 63
    assert cloud.count("accounts.login") == 1


async def test_a_wrong_password_is_said_and_tried_once(tmp_path: Path) -> None:
    cloud = FakeRenault()
    async with zoe(cloud, tmp_path, password="wrong") as car:
        with pytest.raises(AuthRequired, match="user name and password") as why:
            await car.read(force=False)
    assert why.value.step is LoginStep.PASSWORD
    assert cloud.count("accounts.login") == 1


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("err.func.wired.overloaded", QuotaExceeded, "too often"),
        ("err.func.privacy.on", Impossible, "privacy mode"),
        ("err.func.wired.forbidden", Impossible, "does not let this account"),
        ("err.func.403", Impossible, "does not let this account"),
        ("err.tech.501", Impossible, "another provider"),
        ("err.func.wired.notFound", Impossible, "another provider"),
        ("err.tech.500", Unavailable, "err.tech.500"),
        ("err.never.seen", Unavailable, "err.never.seen"),
    ],
)
async def test_each_refusal_of_the_cloud_is_translated(
    tmp_path: Path, code: str, error: type[Exception], words: str
) -> None:
    async with zoe(FakeRenault(kamereon_error=code), tmp_path) as car:
        with pytest.raises(error, match=words) as why:
            await car.read(force=False)
    assert type(why.value) is error
    assert VIN not in str(why.value)


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ((502, "text/html", "<html>Bad Gateway</html>"), Unavailable),
        ((429, "text/html", "slow down"), QuotaExceeded),
        ((200, "application/json", "{broken"), Unavailable),
        ((200, "application/json", '{"data": 5}'), Unavailable),
        ((200, "text/plain", ""), Unavailable),
    ],
)
async def test_an_answer_that_is_none_is_tried_again_later(
    tmp_path: Path, raw: tuple[int, str, str], error: type[Exception]
) -> None:
    async with zoe(FakeRenault(raw=raw), tmp_path) as car:
        with pytest.raises(error) as why:
            await car.read(force=False)
    assert type(why.value) is error


async def test_a_login_page_that_answers_html_is_no_wrong_password(tmp_path: Path) -> None:
    async with zoe(FakeRenault(gigya_raw=(502, "text/html", "<html>")), tmp_path) as car:
        with pytest.raises(Unavailable):
            await car.read(force=False)


async def test_a_cloud_that_refuses_connections_is_said(tmp_path: Path) -> None:
    async with zoe(FakeRenault(), tmp_path, api_url=f"http://127.0.0.1:{free_port()}") as car:
        with pytest.raises(Unavailable, match="no connection"):
            await car.read(force=False)


async def test_missing_fields_are_absent_not_invented(tmp_path: Path) -> None:
    async with zoe(FakeRenault(status={"batteryLevel": None}), tmp_path) as car:
        found = await car.read(force=False)
    assert (found.soc_pct, found.measured_at, found.range_km, found.plugged_in, found.charging) == (None,) * 5


async def test_one_of_several_cars_must_be_named_and_is_told_by_its_last_four(tmp_path: Path) -> None:
    cloud = FakeRenault(cars=[VIN, OTHER_VIN])
    async with zoe(cloud, tmp_path, vin=None) as car:
        with pytest.raises(Impossible, match="2 cars"):
            await car.read(force=False)
    async with zoe(cloud, tmp_path, vin="VF1SOMETHINGELSE1") as car:
        with pytest.raises(Impossible, match="…LSE1") as why:
            await car.read(force=False)
    assert "VF1SOMETHING" not in str(why.value)
    async with zoe(cloud, tmp_path, vin=OTHER_VIN) as car:
        assert (await car.read(force=False)).soc_pct == 63


async def test_a_model_that_tells_no_battery_status_is_said(tmp_path: Path) -> None:
    unsupported = next(
        code
        for code, endpoints in fake_renault_models().items()
        if "battery-status" in endpoints and endpoints["battery-status"] is None
    )
    async with zoe(FakeRenault(model=unsupported), tmp_path) as car:
        with pytest.raises(Impossible, match="another provider"):
            await car.read(force=False)


def fake_renault_models() -> dict[str, dict[str, Any]]:
    """What the library knows about models."""
    from renault_api.kamereon.models import _VEHICLE_ENDPOINTS  # noqa: PLC0415  the library's own table

    return dict(_VEHICLE_ENDPOINTS)


async def test_two_cars_of_one_account_share_its_login(tmp_path: Path) -> None:
    cloud = FakeRenault(cars=[VIN, OTHER_VIN])
    async with served(cloud.app()) as url, context(tmp_path) as using:
        options = {"username": USER, "password": PASSWORD, "api_url": url}
        for vin in cloud.cars:
            assert (await source("renault", using, vin=vin, **options).read(force=False)).soc_pct == 63
    assert cloud.count("accounts.login") == 1
