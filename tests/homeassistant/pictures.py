"""Takes the pictures of docs/home-assistant/ from a running Home Assistant (``make pictures``)."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ems.contract.control import Owner
from ems.contract.service import Service
from ems.simulator.home import SimulatedHome
from support import hass_storage
from support.browser import Look, browser, page
from support.household import Household, household

OUT = Path(__file__).parents[2] / "docs" / "home-assistant"
DESK, PHONE = Look(1800, 1660), Look(390, 1500, scale=2)
SETTLE_S = float(os.environ.get("SETTLE_S", "8"))
"""Wait until a page is whole, in seconds; a busy machine needs more."""


def pictures(devices: dict[str, str]) -> Iterator[tuple[str, str, Look]]:
    """Name, path and look of each."""
    yield "dashboard", "/home-energy/energy", DESK
    yield "dashboard-dark", "/home-energy/energy", replace(DESK, dark=True)
    yield "plan", "/home-energy/plan", Look(1800, 1500)
    yield "plan-dark", "/home-energy/plan", Look(1800, 1500, dark=True)
    yield "details", "/home-energy/details", Look(1400, 1180)
    yield "phone", "/home-energy/energy", PHONE
    yield "phone-dark", "/home-energy/energy", replace(PHONE, dark=True)
    for name, height in (("site", 1450), ("loadpoint-1", 1300), ("vehicle-limo", 1280), ("planner", 1560)):
        yield name, f"/config/devices/device/{devices[name]}", Look(1400, height)


def at_home(simulated: SimulatedHome) -> None:
    """The big car is there already, and the battery goes on from where the day before left it."""
    battery = list(simulated.meter.slots.values())[-1]["battery", "battery"]
    simulated.battery_kwh = (battery.soc_pct or 0) / 10
    limo = simulated.cars["limo"]
    limo.on, limo.loadpoint, limo.energy_kwh = None, "1", 21


async def something_happens(home: Household) -> None:
    """One driver has said what they want; the other one is asked."""
    await home.shows("loadpoint-1", "connected", "on")
    await home.does("vehicle-limo", "goal_by", "set_value", value="80 % tomorrow 7:15")
    await home.shows("vehicle-limo", "goal_departure", lambda state: state.startswith("20"))
    await home.shows("loadpoint-1", "owner", Owner.PLAN, within_s=60)
    await asyncio.sleep(10)


def remember(database: Path, home: SimulatedHome, now: datetime) -> None:
    """The day before, as the simulated meters have it, becomes Home Assistant's own memory."""
    with closing(sqlite3.connect(database)) as db:
        known = dict(db.execute("SELECT entity_id, metadata_id FROM states_meta"))
        for entity_id, at, state in yesterday(home, now):
            if entity_id in known:
                db.execute(
                    "INSERT INTO states (metadata_id, state, last_updated_ts, attributes_id, origin_idx) "
                    "SELECT ?, ?, ?, MAX(attributes_id), 0 FROM states WHERE metadata_id = ?",
                    (known[entity_id], f"{state:.4f}", at, known[entity_id]),
                )
        db.commit()


def yesterday(home: SimulatedHome, now: datetime) -> Iterator[tuple[str, float, float]]:
    """Entity, moment, state, quarter by quarter."""
    for start, slot in home.meter.slots.items():
        if not now - timedelta(hours=24) < start < now:
            continue
        at = start.timestamp()
        watts = {key[0]: (counted.energy - counted.returned) * 4000 for key, counted in slot.items()}
        yield "sensor.ems_site_grid_w", at, watts["grid"]
        yield "sensor.ems_site_pv_w", at, watts["pv"]
        yield "sensor.ems_site_home_w", at, watts["home"]
        yield "sensor.ems_site_battery_w", at, -watts["battery"]
        yield "sensor.ems_site_battery_soc", at, slot["battery", "battery"].soc_pct or 0
        yield "sensor.ems_site_import_eur_per_kwh", at, home.environment.at(start).import_eur_per_kwh


async def take(home: Household, out: Path, zone: str, wanted: list[str]) -> None:
    """All of them."""
    registry = await home.hass.ask("config/device_registry/list")
    devices = {value.removeprefix("evcc_ems_"): d["id"] for d in registry for _, value in d["identifiers"]}
    login = {"access_token": hass_storage.token(), "token_type": "Bearer", "expires_in": 10**9, "refresh_token": "-"}
    login |= {"hassUrl": home.hass.url, "clientId": f"{home.hass.url}/", "expires": 10**13}
    storage = {"hassTokens": json.dumps(login), "dockedSidebar": '"always_hidden"'}
    # Chromium's helpers may write for a moment longer than it lives.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with browser(Path(folder)) as where:
            for name, path, look in pictures(devices):
                if wanted and name not in wanted:
                    continue
                async with page(where) as tab:
                    url = home.hass.url + path
                    png = await tab.picture(url, look, storage=storage, zone=zone, settle_s=SETTLE_S)
                file = out / f"{name}.png"
                file.write_bytes(png)
                if shutil.which("pngquant"):
                    subprocess.run(["pngquant", "--force", "--ext", ".png", "--speed", "1", file], check=True)  # noqa: ASYNC221
                sys.stdout.write(f"{file}: {file.stat().st_size // 1000} kB\n")


async def main(language: str, out: Path, wanted: list[str]) -> None:
    """In ``language``, below ``out``."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        async with household(Path(folder), language, at_home) as home:
            await something_happens(home)
            written = OUT / {"en": "dashboard.yaml", "de": "dashboard.de.yaml"}[language]
            shutil.copy(written, home.hass.folder / "dashboard.yaml")
            await home.hass.stop()
            simulated = home.suite.evcc.home
            remember(home.hass.folder / "home-assistant_v2.db", simulated, simulated.now)
            await home.start_hass()
            await home.all_there()
            settings = {"language": language, "number_format": "language", "time_format": "24"}
            await home.hass.ask("frontend/set_user_data", key="language", value=settings)
            zone = str(home.suite.own[Service.TARIFF_PLANNER]["timezone"])
            began = time.monotonic()
            await take(home, out, zone, wanted)
            sys.stdout.write(f"{time.monotonic() - began:.0f} s; {home.hass.complaints()}\n")


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(sys.argv[1], folder, sys.argv[3:]))
