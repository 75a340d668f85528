"""A simulated evcc on a loopback port, for the demo and for tests of whatever talks to evcc.

    async with SimulatedEvcc(SimulatedHome(now=clock.now()), clock) as evcc:
        evcc.url, evcc.home, evcc.faults, evcc.requests_log

Nothing runs in the background: at every request (and whenever ``home`` is looked at) evcc and the home first live up to
the clock's time, cycle by cycle. A clock that stands still is thus a home that stands still.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from ems.runtime.clock import Clock
from ems.simulator.evcc_core import EvccCore
from ems.simulator.faults import Fault, Faults
from ems.simulator.home import Order, SimulatedHome
from ems.simulator.rest import loadpoint_routes, site_routes
from ems.simulator.rest.api import (
    Call,
    Created,
    NotFound,
    PlainText,
    Refusal,
    reply,
)
from ems.simulator.rest.versions import DIALECTS
from ems.simulator.settings_store import SettingsStore


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that came in; ``status`` is None where no reply went out."""

    at: datetime
    method: str
    path: str
    status: int | None


class SimulatedEvcc:
    """See the module.

    ``dialect`` is one of :data:`ems.simulator.rest.versions.DIALECTS`; a ``password`` guards what evcc guards.
    ``interval_s`` is evcc's control cycle and ``lease_s`` how long an external battery mode lasts, by the clock.
    """

    def __init__(
        self,
        home: SimulatedHome,
        clock: Clock,
        *,
        dialect: str = "0.313",
        interval_s: float = 30.0,
        lease_s: float = 60.0,
        password: str | None = None,
        zone: ZoneInfo | None = None,
    ) -> None:
        self._home, self._clock, self._zone = home, clock, zone
        self.dialect = DIALECTS[dialect]
        self.faults = Faults()
        self.requests_log: list[LoggedRequest] = []
        self._interval_s, self._lease_s = interval_s, lease_s
        self._password, self._cookies = password, set[str]()
        self.evcc: EvccCore | None = self._run(None)
        """The run of evcc; None while it is down."""
        self._disk: SettingsStore | None = None
        self._orders: Mapping[str, Order] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where evcc answers, without ``/api``; the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def home(self) -> SimulatedHome:
        """The home as it is at this moment."""
        self._live()
        return self._home

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def terminate(self) -> None:
        """Stops as on SIGTERM: the battery goes back to normal, settings are kept."""
        self._live()
        if self.evcc is not None:
            self.evcc.stop()
        await self._end()

    async def kill(self) -> None:
        """Ends at once, as by kill -9: the battery stays as it is, up to a minute of settings is lost."""
        self._live()
        await self._end()

    async def start(self) -> None:
        """Starts again with what the last run left on disk. Set ``faults.not_ready`` for the minutes of 404."""
        self._live()
        self.evcc = self._run(self._disk)
        await self._listen()

    def _run(self, disk: SettingsStore | None) -> EvccCore:
        return EvccCore(self._home, disk, interval_s=self._interval_s, lease_s=self._lease_s, zone=self._zone)

    async def _end(self) -> None:
        if self.evcc is not None:
            self._disk, self._orders, self.evcc = self.evcc.disk, self.evcc.orders, None
        await self._close()

    def _live(self) -> None:
        now = self._clock.now()
        if self.evcc is not None:
            self.evcc.advance(now)
        else:
            self._home.advance(now, self._orders)

    async def _listen(self) -> None:
        app = web.Application()
        for method, path, act in (*site_routes.ROUTES, *loadpoint_routes.ROUTES):
            app.router.add_route(method, f"/api{path}", self._handler(act))
        app.router.add_get("/api/auth/status", self._auth_status)
        app.router.add_post("/api/auth/login", self._login)
        app.router.add_put("/api/auth/password", self._set_password)
        app.middlewares.append(self._middleware)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    def _handler(self, act: Callable[[Call], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.text()
            self._live()
            if self.evcc is None:
                raise NotFound
            if self.faults.not_ready or (self.faults.fatal is not None and request.path != "/api/state"):
                raise NotFound
            call = Call(
                evcc=self.evcc,
                dialect=self.dialect,
                faults=self.faults,
                values=request.match_info,
                query=request.query,
                body=json.loads(body) if body else None,
                authorized=request.cookies.get("auth") in self._cookies,
            )
            return reply(self.dialect, act(call))

        return handle

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Meets faults, turns what was raised into evcc's replies, and keeps the log."""
        fault = self.faults.take(request.method, request.path) or Fault("", 0)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        response: web.StreamResponse | None = None
        if fault.status is not None:
            response = web.Response(status=fault.status, text="fault\n")
        elif not fault.lose_request:
            response = await self._answer(request, handler)
        status = None if fault.lose_reply or response is None else response.status
        self.requests_log.append(LoggedRequest(self._clock.now(), request.method, request.path_qs, status))
        if response is None or fault.lose_reply:
            if request.transport is not None:
                request.transport.close()
            return web.Response(status=500)
        return response

    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        try:
            answer: web.StreamResponse = await handler(request)
        except web.HTTPException:
            return reply(self.dialect, NotFound())
        except (Refusal, NotFound, PlainText) as outcome:
            return reply(self.dialect, outcome)
        return answer

    async def _auth_status(self, request: web.Request) -> web.StreamResponse:
        if self._password is None:
            raise PlainText(501, "Not implemented\n")
        return reply(self.dialect, request.cookies.get("auth") in self._cookies)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        given = (await request.json()).get("password")
        if self._password is None or given != self._password:
            raise PlainText(401, "Invalid password\n")
        return self._session(200)

    async def _set_password(self, request: web.Request) -> web.StreamResponse:
        given = await request.json()
        if self._password is not None and given.get("current") != self._password:
            raise PlainText(400, "Invalid password\n")
        self._password = given["new"]
        return self._session(201)

    def _session(self, status: int) -> web.Response:
        cookie = secrets.token_urlsafe()
        self._cookies.add(cookie)
        return reply(self.dialect, Created(status, cookie))
