"""Clicks in the dashboard as a person makes them, in a real browser, and how long until it shows what they have set."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from ems.contract.service import Service
from ems.contract.site import BatteryMode
from support import hass_storage
from support.browser import Look, Page, browser, page
from support.household import Household

DASHBOARDS = Path(__file__).parents[2] / "docs" / "home-assistant"
DESK = Look(1800, 1800)
MENU_S = 0.7
"""Wait until a menu has opened."""
BETWEEN_S = 2.0
CLICKED = (
    "select.ems_loadpoint_2_mode",
    "number.ems_loadpoint_2_limit_soc",
    "select.ems_site_battery_mode",
    "number.ems_planner_reserve_soc",
)
LATEST_MS = 30_000
HELPERS = """
function* deep(root) {
  const stack = [root];
  while (stack.length) {
    const n = stack.pop();
    yield n;
    if (n.shadowRoot) stack.push(n.shadowRoot);
    for (const c of n.children || []) stack.push(c);
  }
}
window.find = (root, tag) => [...deep(root)].find((n) => n.tagName === tag);
window.tile = (e) => [...deep(document.body)].find((n) => n.tagName === 'HUI-TILE-CARD'
  && n._config?.entity === e && n.getBoundingClientRect().height > 0);
const walk = (n) => n.tagName === 'STYLE' ? '' : n.nodeType === 3 ? n.textContent
  : (n.shadowRoot ? walk(n.shadowRoot) : '') + [...n.childNodes].map(walk).join('');
window.words = (n) => walk(n).replace(/\\s+/g, ' ').trim();
window.shown = (e) => words(find(tile(e), 'HA-TILE-INFO').shadowRoot.querySelector('.secondary'));
window.box = (n) => { const r = n.getBoundingClientRect(); return [r.left, r.top + r.height / 2, r.width]; };
window.watch = (e) => {
  const before = shown(e), began = performance.now();
  window.changed = new Promise((done) => {
    const look = () => {
      const ms = performance.now() - began;
      if (shown(e) !== before || ms > LATEST) done([ms, shown(e)]); else requestAnimationFrame(look);
    };
    look();
  });
};
""".replace("LATEST", str(LATEST_MS))


class Dashboard:
    """The dashboard in a tab: tiles with a menu or a slider, by entity."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab

    async def pick(self, entity_id: str, avoid: Sequence[str] = ()) -> tuple[float, str]:
        """Opens a tile's menu and takes something that is not shown yet; seconds until the tile shows it, and what."""
        shown = await self._js(f"shown('{entity_id}')")
        left, top, width = await self._js(f"box(find(tile('{entity_id}'), 'HA-CONTROL-SELECT-MENU'))")
        await self._click(left + width / 2, top)
        await asyncio.sleep(MENU_S)
        items = f"[...deep(tile('{entity_id}'))].filter((n) => n.tagName === 'HA-LIST-ITEM')"
        options = await self._js(f"{items}.map((n) => [words(n), ...box(n)])")
        _, left, top, width = next(o for o in options if o[0] not in {shown, *avoid})
        return await self._timed(entity_id, left + width / 2, top)

    async def slide(self, entity_id: str, share: float) -> tuple[float, str]:
        """Sets a slider to a share of its width that it is not at; seconds until the tile shows it, and what."""
        left, top, width = await self._js(f"box(find(tile('{entity_id}'), 'HA-CONTROL-SLIDER'))")
        return await self._timed(entity_id, left + width * share, top)

    async def _timed(self, entity_id: str, x: float, y: float) -> tuple[float, str]:
        await self._js(f"watch('{entity_id}')")
        await self._click(x, y)
        ms, shown = await self._js("changed")
        assert ms < LATEST_MS, f"{entity_id} shows {shown} still"
        return ms / 1000, shown

    async def _js(self, expression: str) -> Any:
        found = await self._tab.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def _click(self, x: float, y: float) -> None:
        for kind, count in (("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 1)):
            button = "left" if count else "none"
            await self._tab.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=count)

    async def open(self) -> None:
        """Makes ready what is asked of the page."""
        await self._js(HELPERS)


async def browser_clicks(home: Household, count: int, settle_s: float = 10) -> list[tuple[str, float]]:
    """An entity and its seconds each, of what writes to evcc and what writes to a service."""
    written = {"de": "dashboard.de.yaml"}.get(home.language, "dashboard.yaml")
    shutil.copy(DASHBOARDS / written, home.hass.folder / "dashboard.yaml")
    login = {"access_token": hass_storage.token(), "token_type": "Bearer", "expires_in": 10**9, "refresh_token": "-"}
    login |= {"hassUrl": home.hass.url, "clientId": f"{home.hass.url}/", "expires": 10**13}
    storage = {"hassTokens": json.dumps(login), "dockedSidebar": '"always_hidden"'}
    zone = str(home.suite.own[Service.TARIFF_PLANNER]["timezone"])
    found = list[tuple[str, float]]()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with browser(Path(folder)) as where, page(where) as tab:
            url = f"{home.hass.url}/home-energy/energy"
            await tab.picture(url, DESK, storage=storage, zone=zone, settle_s=settle_s)
            dashboard = Dashboard(tab)
            await dashboard.open()
            charging = [home.called(mode) for mode in BatteryMode if mode not in {BatteryMode.NORMAL, BatteryMode.HOLD}]
            shares = cycle((0.5, 0.6, 0.7))
            for entity_id in islice(cycle(CLICKED), count):
                if entity_id.startswith("select"):
                    seconds, _ = await dashboard.pick(entity_id, avoid=charging)
                else:
                    seconds, _ = await dashboard.slide(entity_id, next(shares))
                found.append((entity_id, seconds))
                await asyncio.sleep(BETWEEN_S)
    return found
