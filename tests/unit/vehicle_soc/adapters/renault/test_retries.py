"""What Renault refuses and grants again, and what an account without this car is told."""

from pathlib import Path
from typing import Any

import pytest

from support.clouds import context, served, source
from support.fake_renault import OTHER_VIN, PASSWORD, USER, VIN, FakeRenault
from vehicle_soc.adapters.provider import AuthRequired, Impossible, LoginStep, QuotaExceeded, Unavailable
from vehicle_soc.domain.wording.problems import NoSuchCar

NOT_FOUND = ["err.func.wired.not-found", "err.func.wired.notFound"]
UNAUTHORIZED = "err.func.wired.unauthorized"


async def read(cloud: FakeRenault, tmp_path: Path, **more: Any) -> Any:
    """One read; the same ``tmp_path`` again is a restart."""
    options = {"username": USER, "password": PASSWORD, "vin": VIN} | more
    async with served(cloud.app()) as url, context(tmp_path, car="zoe") as using:
        car = source("renault", using, **{"api_url": url, **{k: v for k, v in options.items() if v is not None}})
        return await car.read(force=False)


@pytest.mark.parametrize("code", [*NOT_FOUND, UNAUTHORIZED])
@pytest.mark.parametrize("times", [1, 2])
async def test_what_comes_and_goes_is_over_at_the_next_try(tmp_path: Path, code: str, times: int) -> None:
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.errors = [code] * times
    assert (await read(cloud, tmp_path)).soc_pct == 63
    assert cloud.count("accounts.login") == times, "new tokens first, then a new login"
    assert len(cloud.jwts) == 2 + times
    assert cloud.surprises == []


async def test_a_login_whose_tokens_are_refused_is_replaced_by_a_new_one_and_that_is_kept(tmp_path: Path) -> None:
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.refused_logins.update(cloud.login_tokens)
    assert (await read(cloud, tmp_path)).soc_pct == 63
    assert (await read(cloud, tmp_path, password=None)).soc_pct == 63
    assert cloud.count("accounts.login") == 2


@pytest.mark.parametrize("password", [PASSWORD, None])
async def test_a_refusal_that_lasts_although_the_login_is_good_calls_nobody(
    tmp_path: Path, password: str | None
) -> None:
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.refuse_jwts = 1000
    with pytest.raises(Unavailable, match="accepts the login"):
        await read(cloud, tmp_path, password=password)
    cloud.refuse_jwts = 0
    assert (await read(cloud, tmp_path, password=password)).soc_pct == 63


@pytest.mark.parametrize("code", NOT_FOUND)
async def test_a_car_that_was_found_before_is_not_given_up_for_a_day(tmp_path: Path, code: str) -> None:
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.kamereon_error = code
    with pytest.raises(Unavailable):
        await read(cloud, tmp_path)


async def test_a_login_that_is_refused_calls_its_owner(tmp_path: Path) -> None:
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.refused_logins.update(cloud.login_tokens)
    with pytest.raises(AuthRequired, match="user name and password") as why:
        await read(cloud, tmp_path, password="changed")
    assert why.value.step is LoginStep.PASSWORD


@pytest.mark.parametrize(("code", "error"), [(500001, Unavailable), (403048, QuotaExceeded)])
async def test_trouble_of_the_login_service_is_no_expired_login(
    tmp_path: Path, code: int, error: type[Exception]
) -> None:
    """The library calls both NotAuthenticated."""
    cloud = FakeRenault()
    await read(cloud, tmp_path)
    cloud.gigya_error = code
    with pytest.raises(error):
        await read(cloud, tmp_path, password=None)
    cloud.gigya_error = 0
    assert (await read(cloud, tmp_path, password=None)).soc_pct == 63


@pytest.mark.parametrize("vin", [VIN.lower(), f" {VIN} ", f"{VIN[:3]} {VIN[3:9]} {VIN[9:]}", f"{VIN[:3]}-{VIN[3:]}"])
async def test_a_vin_counts_however_it_was_copied(tmp_path: Path, vin: str) -> None:
    assert (await read(FakeRenault(cars=[OTHER_VIN, VIN]), tmp_path, vin=vin)).soc_pct == 63


@pytest.mark.parametrize("vin", ["", "  "])
async def test_an_empty_vin_is_none(tmp_path: Path, vin: str) -> None:
    assert (await read(FakeRenault(), tmp_path, vin=vin)).soc_pct == 63


@pytest.mark.parametrize("vin", [VIN, None])
async def test_an_account_without_cars_is_told_as_such(tmp_path: Path, vin: str | None) -> None:
    with pytest.raises(Impossible, match="has no car") as why:
        await read(FakeRenault(cars=[]), tmp_path, vin=vin)
    assert why.value.reason == NoSuchCar.among("Renault", vin, ())


@pytest.mark.parametrize("link", [{}, {"vin": None}, {"vin": ""}])
async def test_a_link_to_no_car_is_told_as_such(tmp_path: Path, link: dict[str, Any]) -> None:
    with pytest.raises(Impossible, match="without a VIN"):
        await read(FakeRenault(links=[link]), tmp_path)


async def test_an_empty_link_beside_a_car_does_not_matter(tmp_path: Path) -> None:
    details = {"vin": VIN, "model": {"code": "X101VE"}}
    cloud = FakeRenault(links=[{}, {"vin": VIN, "vehicleDetails": details}])
    assert (await read(cloud, tmp_path, vin=None)).soc_pct == 63


async def test_a_wrong_vin_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(Impossible, match="no car with VIN …LSE1, only …0042, …0099") as why:
        await read(FakeRenault(cars=[VIN, OTHER_VIN]), tmp_path, vin="VF1SOMETHINGELSE1")
    assert VIN not in str(why.value)
