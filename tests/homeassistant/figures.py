"""Measures what docs/home-assistant.md claims of a running Home Assistant, with the services' default settings.

``make homeassistant-figures``: recorder rows an hour, by entity, and how long a click takes until it is shown.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import aiohttp

from ems.contract.site import BatteryMode, LoadpointMode
from support import hass_storage
from support.browser import CHROMIUM
from support.dashboard_clicks import browser_clicks
from support.household import Household, household

SETTLE_S = 60.0
"""Wait after the start, so that what everything says once is not counted."""
CLICKS = 20
NOISIEST = 25
"""How many entities are listed."""


def rows(database: Path, since: float) -> Counter[str]:
    """States that were recorded after ``since`` (seconds since 1970), by entity."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        found = db.execute(
            "SELECT states_meta.entity_id, COUNT(*) FROM states JOIN states_meta USING (metadata_id) "
            "WHERE last_updated_ts > ? AND states_meta.entity_id LIKE '%.ems_%' GROUP BY 1",
            (since,),
        )
        return Counter(dict(found))


async def recorded(home: Household, minutes: float) -> Counter[str]:
    """Rows that the recorder writes in so long."""
    await asyncio.sleep(SETTLE_S)
    began = time.time()
    await asyncio.sleep(minutes * 60)
    return rows(home.hass.folder / "home-assistant_v2.db", began)


class Watcher:
    """The frontend's connection: actions are called, and their states are waited for, over one socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._id = socket, 0

    async def send(self, kind: str, **data: object) -> None:
        self._id += 1
        await self._socket.send_json({"id": self._id, "type": kind, **data})

    async def click(self, entity_id: str, service: str, wanted: str, **data: object) -> float:
        """Seconds from an action to the state that it asks for."""
        began = time.monotonic()
        domain, target = entity_id.partition(".")[0], {"entity_id": entity_id}
        await self.send("call_service", domain=domain, service=service, service_data=data, target=target)
        async with asyncio.timeout(60):
            while True:
                said = await self._socket.receive_json()
                assert said.get("success", True), said
                new = said.get("event", {}).get("data", {}).get("new_state")
                if new and new["entity_id"] == entity_id and _same(new["state"], wanted):
                    return time.monotonic() - began


def _same(state: str, wanted: str) -> bool:
    return state in {wanted, f"{wanted}.0"}


async def clicks(home: Household) -> list[tuple[str, float]]:
    """An entity and its seconds each, of all kinds that write to evcc or to a service."""
    found = list[tuple[str, float]]()
    async with home.hass.http.ws_connect(f"{home.hass.url}/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": hass_storage.token()})
        await socket.receive_json()
        watcher = Watcher(socket)
        await watcher.send("subscribe_events", event_type="state_changed")
        for device, key, service, name, values in islice(_to_click(home), CLICKS):
            entity_id = await home.id(device, key)
            shown = await home.hass.state(entity_id)
            value = next(v for v in values if not _same(shown, v))
            found.append((entity_id, await watcher.click(entity_id, service, value, **{name: value})))
            await asyncio.sleep(2)
    return found


def _to_click(home: Household) -> Iterator[tuple[str, str, str, str, Sequence[str]]]:
    """Device, key, action, its field, and values, of which one that is not shown yet is set."""
    modes = [home.called(mode) for mode in (LoadpointMode.OFF, LoadpointMode.NOW, LoadpointMode.MINPV)]
    batteries = [home.called(mode) for mode in (BatteryMode.HOLD, BatteryMode.NORMAL)]
    for _ in range(CLICKS):
        yield "loadpoint-2", "mode", "select_option", "option", modes
        yield "loadpoint-2", "limit_soc", "set_value", "value", ("60", "75")
        yield "site", "battery_mode", "select_option", "option", batteries
        yield "planner", "reserve_soc", "set_value", "value", ("10", "15")


async def main(language: str, minutes: float) -> None:
    """Of a home in ``language``."""
    with tempfile.TemporaryDirectory(prefix="figures-", ignore_cleanup_errors=True) as folder:
        async with household(Path(folder), language, hurry=False) as home:
            counted = await recorded(home, minutes)
            sys.stdout.write(f"{language}: {counted.total() * 60 / minutes:.0f} rows/h of {minutes:g} min\n")
            for entity_id, count in counted.most_common(NOISIEST):
                sys.stdout.write(f"  {count * 60 / minutes:6.1f}/h {entity_id}\n")
            told(f"{language}: action to state", await clicks(home))
            if CHROMIUM is not None:
                told(f"{language}: click to shown in a browser", await browser_clicks(home, CLICKS))
            sys.stdout.write(f"{home.hass.complaints()}\n")


def told(what: str, seconds: Sequence[tuple[str, float]]) -> None:
    """Each of them, and how they are spread."""
    sys.stdout.write("".join(f"  {s:6.3f} s {entity_id}\n" for entity_id, s in seconds))
    sorted_s = sorted(s for _, s in seconds)
    median, p95 = sorted_s[len(sorted_s) // 2], sorted_s[round(0.95 * len(sorted_s)) - 1]
    sys.stdout.write(f"{what} {median:.2f} s, p95 {p95:.2f} s, max {sorted_s[-1]:.2f} s\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
