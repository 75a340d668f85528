"""The real hyundai-kia-connect-api against a strict Kia Europe on loopback."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.fake_kia import USER, FakeKia
from support.kia_car import kia
from vehicle_soc.adapters.provider import (
    AuthRequired,
    Impossible,
    LoginStep,
    QuotaExceeded,
    Unavailable,
)
from vehicle_soc.adapters.token_store import TokenStore

pytestmark = pytest.mark.filterwarnings("ignore:'ssl_version' option is deprecated:FutureWarning")  # the library's


async def test_europe_says_when_the_owner_must_accept_the_terms(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path, "europe") as car:
        with pytest.raises(AuthRequired, match="terms") as why:
            await car.read(force=False)
    assert why.value.step is LoginStep.CONSENT
    assert cloud.surprises == []


async def test_europe_says_when_the_password_is_wrong(tmp_path: Path) -> None:
    async with kia(FakeKia(consent=False), tmp_path, "europe") as car:
        with pytest.raises(AuthRequired, match="user name and password"):
            await car.read(force=False)


async def test_europes_login_page_out_of_order_is_no_wrong_password(tmp_path: Path) -> None:
    async with kia(FakeKia(raw=(502, "text/html", "<html>Bad Gateway</html>")), tmp_path, "europe") as car:
        with pytest.raises(Unavailable):
            await car.read(force=False)


def logged_in_europe(cloud: FakeKia, tmp_path: Path) -> None:
    """A login at Kia Europe from yesterday, still good."""
    login = {"access_token": f"Bearer {cloud.token()}", "device_id": "canary-device-id", "username": USER}
    login |= {"valid_until": "2099-01-01T00:00:00+00:00", "refresh_token": "canary-refresh-token"}
    TokenStore(tmp_path / "logins").save(f"hyundai_kia:kia:europe:{USER}", login)


async def test_a_car_in_europe_is_read_with_a_kept_login(tmp_path: Path) -> None:
    cloud = FakeKia()
    logged_in_europe(cloud, tmp_path)
    async with kia(cloud, tmp_path, "europe") as car:
        found = await car.read(force=False)
    assert (found.soc_pct, found.range_km, found.plugged_in, found.aux_battery_pct) == (58, 262, True, 87)
    assert found.measured_at == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)
    assert cloud.count("signin") == 0
    assert cloud.surprises == []


async def test_a_login_that_europe_ended_early_is_renewed_before_a_person_is_called(tmp_path: Path) -> None:
    cloud = FakeKia()
    logged_in_europe(cloud, tmp_path)
    cloud.expired.update(cloud.tokens)
    async with kia(cloud, tmp_path, "europe") as car:
        with pytest.raises(AuthRequired, match="terms"):  # as far as this fake's login page goes
            await car.read(force=False)
    assert cloud.count("signin") == 1


async def test_where_the_library_puts_now_for_a_missing_time_there_is_none(tmp_path: Path) -> None:
    """Europe: and a later answer with a time has that time, not the library's "now" of before."""
    cloud = FakeKia()
    logged_in_europe(cloud, tmp_path)
    date = cloud.ccs2.pop("Date")
    async with kia(cloud, tmp_path, "europe") as car:
        assert (await car.read(force=False)).measured_at is None
        cloud.ccs2["Date"] = date
        assert (await car.read(force=False)).measured_at == datetime(2026, 11, 20, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("5091", QuotaExceeded),
        ("5031", Unavailable),
        ("4081", Unavailable),
        ("5921", Impossible),
        ("9999", Unavailable),
    ],
)
async def test_each_refusal_of_europe_is_translated(tmp_path: Path, code: str, error: type[Exception]) -> None:
    cloud = FakeKia(state_error=(code, "no"))
    logged_in_europe(cloud, tmp_path)
    async with kia(cloud, tmp_path, "europe") as car:
        with pytest.raises(error) as why:
            await car.read(force=False)
    assert type(why.value) is error
    assert "canary" not in str(why.value)
