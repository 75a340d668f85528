"""The same controls with a real evcc behind them: opt-in. ``make homeassistant-evcc EVCC=path``, as root."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ems.contract.control import Owner
from ems.contract.site import BatteryMode, LoadpointMode
from ems.homeassistant.discovery.wording.tables import labels
from support.brokers import MOSQUITTO, Mosquitto
from support.evcc_rig import Rig, evcc_rig
from support.hass_storage import Login
from support.home_assistant import HASS, HomeAssistant, home_assistant

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mosquitto, pytest.mark.timeout(600)]

EVCC = os.environ.get("EVCC")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[tuple[Rig, HomeAssistant]]:
    """Rights are not the matter here: everybody may do everything on the broker."""
    if not EVCC:
        pytest.skip("NO EVCC HERE: say EVCC=path of a real evcc to run this test (make homeassistant-evcc)")
    if MOSQUITTO is None or not HASS.exists():
        pytest.skip(f"!!! NO HOME ASSISTANT OR MOSQUITTO HERE ({HASS}): make hass tools !!!")
    home = tmp_path_factory.mktemp("rig")
    broker = Mosquitto(home)
    broker.start()
    try:
        async with AsyncExitStack() as stack:
            rig = await stack.enter_async_context(evcc_rig(home, Path(EVCC), broker.settings()))
            where = Login("127.0.0.1", broker.port)
            hass = await stack.enter_async_context(home_assistant(home / "hass", where, zone="Europe/Berlin"))
            await hass.start()
            yield rig, hass
    finally:
        broker.kill()


def called(word: StrEnum) -> str:
    return labels(type(word))[word].en


class Shown:
    """An entity by its key."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.hass = hass

    async def does(self, key: str, action: str, **data: Any) -> None:
        entity_id = await self._id(key)
        await self.hass.call(f"{entity_id.partition('.')[0]}.{action}", entity_id, **data)

    async def shows(self, key: str, *wanted: str) -> None:
        entity_id = await self._id(key)

        async def so() -> bool:
            return await self.hass.state(entity_id) in wanted

        await self.hass.until(so, 30, f"{entity_id} is one of {wanted}")

    async def _id(self, key: str) -> str:
        # Home Assistant does nothing to what is unavailable, and does not say so.
        found: str | None = None

        async def there() -> bool:
            nonlocal found
            found = (await self.hass.ours()).get(f"evcc_ems_{key}")
            return found is not None and found in await self.hass.states()

        await self.hass.until(there, 30, f"{key} is there")
        assert found is not None
        return found


async def in_mode(evcc: Rig, mode: str) -> None:
    async def so() -> bool:
        return await evcc.mode() == mode

    await evcc.until(so, 20, f"evcc is in {mode}")


async def limited(evcc: Rig, soc_pct: int) -> bool:
    return bool((await evcc.loadpoint())["limitSoc"] == soc_pct)


async def battery_in(evcc: Rig, mode: str) -> None:
    await evcc.until(lambda: evcc.house.battery_mode == mode, 30, f"the house's battery is in {mode}")


async def test_a_loadpoint_of_a_real_evcc(rig: tuple[Rig, HomeAssistant]) -> None:
    evcc, shown = rig[0], Shown(rig[1])
    await shown.shows("loadpoint-1_mode", called(LoadpointMode.PV))
    for mode in (LoadpointMode.OFF, LoadpointMode.NOW, LoadpointMode.MINPV, LoadpointMode.PV):
        await shown.does("loadpoint-1_mode", "select_option", option=called(mode))
        await in_mode(evcc, mode)
        await shown.shows("loadpoint-1_mode", called(mode))
    await shown.does("loadpoint-1_limit_soc", "set_value", value=85)
    await evcc.until(lambda: limited(evcc, 85), 20, "evcc has the limit")
    await shown.shows("loadpoint-1_limit_soc", "85", "85.0")
    await shown.does("loadpoint-1_boost", "press")
    await evcc.until(lambda: evcc.house.car_w > 4000, 20, "the car charges")
    await shown.shows("loadpoint-1_owner", called(Owner.BOOST))
    await shown.does("loadpoint-1_boost_stop", "press")
    await shown.does("loadpoint-1_release", "press")
    await shown.shows("loadpoint-1_owner", called(Owner.NONE), called(Owner.PLAN))
    # In this mode evcc goes on for minutes before it stops for want of sun.
    await in_mode(evcc, "pv")


async def test_the_battery_of_a_real_evcc(rig: tuple[Rig, HomeAssistant]) -> None:
    evcc, shown = rig[0], Shown(rig[1])
    await shown.shows("site_battery_mode", called(BatteryMode.NORMAL))
    for mode in (BatteryMode.HOLD, BatteryMode.CHARGE):
        await shown.does("site_battery_mode", "select_option", option=called(mode))
        await battery_in(evcc, mode)
        await shown.shows("site_battery_mode", called(mode))
    await shown.does("site_release", "press")
    await battery_in(evcc, "normal")


async def test_a_real_evcc_goes_and_comes_back(rig: tuple[Rig, HomeAssistant]) -> None:
    evcc, shown = rig[0], Shown(rig[1])
    await evcc.end("evcc")
    await shown.shows("loadpoint-1_mode", "unavailable")
    await shown.shows("site_evcc_reachable", "off")
    await evcc.start_evcc()
    await shown.shows("loadpoint-1_mode", *(called(mode) for mode in LoadpointMode))
    await shown.shows("site_evcc_reachable", "on")


async def test_the_log_holds_no_word_about_us(rig: tuple[Rig, HomeAssistant]) -> None:
    assert rig[1].complaints() == []
