"""Logins that Kia takes back before their time, and what an account without this car is told."""

from pathlib import Path

import pytest

from support.fake_kia import OTHER_VIN, VIN, FakeKia
from support.kia_car import kia
from vehicle_soc.adapters.provider import AuthRequired, Impossible, Unavailable

pytestmark = pytest.mark.filterwarnings("ignore:'ssl_version' option is deprecated:FutureWarning")  # the library's


async def test_a_token_of_another_address_is_replaced_by_a_new_login(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=False)
    cloud.moved.update(cloud.tokens)
    async with kia(cloud, tmp_path) as car:
        assert (await car.read(force=False)).soc_pct == 58
    assert cloud.count("v2/login") == 2
    assert cloud.surprises == []


@pytest.mark.parametrize("call", ["vhcllst", "lstvhclsts", "nxtsvc"])
async def test_an_address_that_changes_in_the_middle_is_nobodys_fault(tmp_path: Path, call: str) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=False)
        cloud.moves_at = call
        assert (await car.read(force=False)).soc_pct == 58
    assert cloud.count("v2/login") == 2


@pytest.mark.parametrize("code", ["7606", "7602", "7403"])
async def test_a_refusal_that_lasts_although_the_login_is_good_calls_nobody(tmp_path: Path, code: str) -> None:
    cloud = FakeKia(state_error=(code, "refused"))
    async with kia(cloud, tmp_path) as car:
        with pytest.raises(Unavailable, match="accepts the login"):
            await car.read(force=False)
        assert cloud.count("v2/login") == 2, "once more, and no more"
        cloud.state_error = None
        assert (await car.read(force=False)).soc_pct == 58


async def test_a_login_that_is_refused_calls_its_owner(tmp_path: Path) -> None:
    cloud = FakeKia()
    async with kia(cloud, tmp_path) as car:
        await car.read(force=False)
    cloud.moved.update(cloud.tokens)
    async with kia(cloud, tmp_path, password="changed") as car:
        with pytest.raises(AuthRequired, match="user name and password"):
            await car.read(force=False)
    assert cloud.count("v2/login") == 2


@pytest.mark.parametrize("region", ["canada", "usa"])
async def test_an_account_without_cars_is_told_as_such(tmp_path: Path, region: str) -> None:
    async with kia(FakeKia(cars=[]), tmp_path, region) as car:
        with pytest.raises(Impossible, match="has no car"):
            await car.read(force=False)


@pytest.mark.parametrize("vin", [VIN.lower(), f" {VIN} "])
async def test_a_vin_counts_however_it_was_copied(tmp_path: Path, vin: str) -> None:
    async with kia(FakeKia(cars=[OTHER_VIN, VIN]), tmp_path, vin=vin) as car:
        assert (await car.read(force=False)).soc_pct == 58
