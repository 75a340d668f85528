"""Client of evcc's REST API: reads, writes, and translates everything that evcc may answer.

Every reply is checked: evcc answers a write with the value that it took. Paths are those of evcc 0.207 to 0.316.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar

from ems.contract.site import AlwaysCharge, BatteryMode, LoadpointMode, TariffKind
from ems.runtime.errors import PermanentError
from evcc_poller.adapters.errors import NoRates, NotControllable, RefusedByEvcc
from evcc_poller.adapters.evcc_reply import (
    EvccReply,
    connection_error,
    read_value,
    unwrap,
)
from evcc_poller.domain.parsing.loadpoint import SMART
from evcc_poller.domain.parsing.vehicle_names import VehicleNames

BATTERY_MODES: Mapping[int, BatteryMode] = {
    1: BatteryMode.NORMAL,
    2: BatteryMode.HOLD,
    3: BatteryMode.CHARGE,
    4: BatteryMode.HOLDCHARGE,
}
"""Battery modes by evcc's numbers; 0 is unknown."""

SAME_MODE = {LoadpointMode.PV, LoadpointMode.MINPV}
"""Modes that evcc calls `smart` from 0.316 on (`minpv` with always charge, `pv` without) and sets by either name."""


class Evcc:
    """One evcc. Used as an async context; vehicles are named as on the bus.

    Every method raises :class:`~ems.runtime.errors.TransientError` when evcc does not answer, is starting or broken,
    and :class:`~ems.runtime.errors.PermanentError` when a person must act; see :mod:`evcc_poller.adapters.errors`.
    """

    def __init__(
        self, url: str, *, password: str | None = None, timeout_s: float = 10, names: VehicleNames | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._password, self._timeout_s, self._names = password, timeout_s, names or VehicleNames()
        self._http: ClientSession | None = None
        self.conflicts = 0
        """How often evcc answered that its own optimizer is in charge."""

    async def __aenter__(self) -> Self:
        # evcc is mostly reached by its address, for which a jar keeps no cookie unless told so.
        self._http = ClientSession(timeout=ClientTimeout(total=self._timeout_s), cookie_jar=CookieJar(unsafe=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def state(self) -> dict[str, Any]:
        """Everything that evcc shows (``/api/state``), without the envelope of old versions."""
        body = await self._call("GET", "state")
        if not isinstance(body, dict):
            raise RefusedByEvcc("evcc's state is not an object: is this evcc's address?")
        return body

    async def check_password(self) -> None:
        """Logs in, where there is a password to log in with; without need, since most of evcc's API wants none.

        Raises:
            PermanentError: evcc does not accept it.
        """
        if self._password is not None:
            await self._log_in()

    async def tariff(self, kind: TariffKind) -> Any:
        """The reply of ``/api/tariff/{kind}``, unread; see :func:`evcc_poller.domain.parsing.rates.read`.

        Raises:
            NoRates: evcc has none (none configured, or outdated).
        """
        reply = await self._send("GET", f"tariff/{kind}")
        if reply.status == 404 and reply.error is not None:
            raise NoRates(str(reply.error))
        return await self._value(reply)

    async def history_energy(self, start: datetime, end: datetime) -> Any:
        """Evcc's own 15-minute energies (kWh) from ``start`` to ``end``; None or a list of series.

        Raises:
            NoSuchRoute: this evcc (0.300 and before) keeps none.
        """
        params = {"from": _rfc3339(start), "to": _rfc3339(end), "aggregate": "15m"}
        return await self._call("GET", "history/energy", params=params)

    async def set_battery_mode(self, mode: BatteryMode) -> None:
        """Asks for a battery mode from outside; it lapses after 60 s unless asked for again.

        Raises:
            NotControllable: evcc has no battery that it can control.
        """
        answer = await self._call("POST", f"batterymode/{mode}")
        if answer == 0:
            raise NotControllable("evcc has no battery that it can control")
        if BATTERY_MODES.get(answer if isinstance(answer, int) else 0) is not mode:
            raise RefusedByEvcc(f"evcc answered {_short(answer)} when asked for battery mode {mode}")

    async def clear_battery_mode(self) -> None:
        """Ends what was asked from outside; evcc decides alone from its next control cycle on."""
        await self._call("DELETE", "batterymode")

    async def set_mode(self, loadpoint: int, mode: LoadpointMode, always: AlwaysCharge | None = None) -> None:
        """Sets a loadpoint's mode, from evcc 0.316 on with its ``alwaysCharge`` (None: as it is); it acts at once.

        On the way evcc never has a mode that neither was there before nor is asked for.
        """
        if mode is LoadpointMode.MINPV and always is AlwaysCharge.ONCE:
            # `minpv` would make it `on`, which does not end with the stay.
            await self._set_always_charge(loadpoint, always)
            await self._set_mode(loadpoint, SMART)
            return
        await self._set_mode(loadpoint, mode.value)
        if always is not None and mode not in SAME_MODE:
            await self._set_always_charge(loadpoint, always)

    async def _set_mode(self, loadpoint: int, word: str) -> None:
        answer = await self._call("POST", f"loadpoints/{loadpoint}/mode/{word}")
        if answer not in (word, SMART if word in SAME_MODE else word):
            raise RefusedByEvcc(f"evcc answered {_short(answer)} when asked for mode {word}")

    async def _set_always_charge(self, loadpoint: int, always: AlwaysCharge) -> None:
        answer = await self._call("POST", f"loadpoints/{loadpoint}/alwayscharge/{always}")
        if answer != always.value:
            raise RefusedByEvcc(f"evcc answered {_short(answer)} when asked to charge always: {always}")

    async def set_limit_soc(self, loadpoint: int, limit_soc_pct: int) -> None:
        """Sets a loadpoint's SoC limit in %; 0 = none.

        Raises:
            ValueError: not within 0 to 100, which evcc itself would take.
        """
        if not 0 <= limit_soc_pct <= 100:
            raise ValueError("a SoC limit is from 0 to 100 %")
        await self._set(f"loadpoints/{loadpoint}/limitsoc", limit_soc_pct)

    async def set_vehicle(self, loadpoint: int, vehicle: str | None) -> None:
        """Says which vehicle is at a loadpoint; None = a guest."""
        if vehicle is None:
            await self._call("DELETE", f"loadpoints/{loadpoint}/vehicle")
            return
        await self._call("POST", f"loadpoints/{loadpoint}/vehicle/{self._evccs(vehicle)}")

    async def set_vehicle_plan(self, vehicle: str, soc_pct: int, departure: datetime) -> None:
        """Gives evcc a goal of its own: ``soc_pct`` by ``departure`` (in the future)."""
        name = self._evccs(vehicle)
        answer = await self._call("POST", f"vehicles/{name}/plan/soc/{soc_pct}/{_rfc3339(departure)}")
        if not isinstance(answer, dict) or answer.get("soc") != soc_pct:
            raise RefusedByEvcc(f"evcc answered {_short(answer)} when given a plan for {vehicle}")

    async def delete_vehicle_plan(self, vehicle: str) -> None:
        """Takes evcc's own goal for a vehicle away."""
        await self._call("DELETE", f"vehicles/{self._evccs(vehicle)}/plan/soc")

    async def set_smart_cost_limit(self, limit: float, loadpoint: int | None = None) -> None:
        """Sets evcc's price limit for cars (EUR/kWh, or g/kWh with CO2), of one loadpoint or all. evcc keeps it."""
        await self._set(_smart_cost(loadpoint), limit)

    async def delete_smart_cost_limit(self, loadpoint: int | None = None) -> None:
        """Removes evcc's price limit for cars, of one loadpoint or all."""
        await self._call("DELETE", _smart_cost(loadpoint))

    async def set_feed_in_priority_limit(self, limit: float, loadpoint: int) -> None:
        """Sets the price per kWh above which evcc feeds the sun in instead of charging. evcc keeps it."""
        await self._set(f"loadpoints/{loadpoint}/smartfeedinprioritylimit", limit)

    async def delete_feed_in_priority_limit(self, loadpoint: int) -> None:
        """Removes the price above which evcc feeds the sun in instead of charging."""
        await self._call("DELETE", f"loadpoints/{loadpoint}/smartfeedinprioritylimit")

    async def set_battery_grid_charge_limit(self, limit: float) -> None:
        """Sets evcc's price limit for charging the battery from the grid. evcc keeps it."""
        await self._set("batterygridchargelimit", limit)

    async def delete_battery_grid_charge_limit(self) -> None:
        """Removes evcc's price limit for charging the battery from the grid."""
        await self._call("DELETE", "batterygridchargelimit")

    async def _set(self, path: str, value: float) -> None:
        answer = await self._call("POST", f"{path}/{_number(value)}")
        if isinstance(answer, bool) or not isinstance(answer, int | float) or abs(answer - value) > 1e-6:
            raise RefusedByEvcc(f"evcc answered {_short(answer)} when asked to set {path} to {_number(value)}")

    async def _call(self, method: str, path: str, *, params: Mapping[str, str] | None = None) -> Any:
        return await self._value(await self._send(method, path, params=params))

    async def _value(self, reply: EvccReply) -> Any:
        """The value of a reply. After a plain 404 the state is read first: a starting evcc answers so to everything."""
        up = reply.starting_or_unknown and reply.path != "/api/state" and unwrap(await self.state())
        self.conflicts += reply.status == 409
        return read_value(reply, up if isinstance(up, dict) else None)

    async def _send(self, method: str, path: str, *, params: Mapping[str, str] | None = None) -> EvccReply:
        reply = await self._once(method, path, params=params)
        if reply.status != 401:
            return reply
        await self._log_in()
        reply = await self._once(method, path, params=params)
        if reply.status == 401:
            raise PermanentError(f"evcc refuses {reply.what} although the login worked: is there a proxy before it?")
        return reply

    async def _log_in(self) -> None:
        if self._password is None:
            raise PermanentError("evcc asks for a login: name the credential with its password as password_credential")
        reply = await self._once("POST", "auth/login", json={"password": self._password})
        if reply.status == 401:
            raise PermanentError("evcc does not accept the password; put the right one into the credential")
        if reply.status != 200:
            read_value(reply, None)

    async def _once(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Mapping[str, str] | None = None
    ) -> EvccReply:
        if self._http is None:
            raise RuntimeError("used outside its context")
        url = f"{self.url}/api/{path}"
        try:
            # A redirected POST becomes a GET and would look as if it had been done.
            async with self._http.request(method, url, params=params, json=json, allow_redirects=False) as response:
                return EvccReply(method, f"/api/{path}", response.status, await response.text(errors="replace"))
        except (ClientError, TimeoutError, OSError) as error:
            raise connection_error(error, self.url, self._timeout_s) from error

    def _evccs(self, vehicle: str) -> str:
        return quote(self._names.evccs_name(vehicle), safe="")


def _smart_cost(loadpoint: int | None) -> str:
    return "smartcostlimit" if loadpoint is None else f"loadpoints/{loadpoint}/smartcostlimit"


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _number(value: float) -> str:
    # Never in scientific notation, which no route of evcc's understands.
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _short(answer: Any) -> str:
    return repr(answer)[:100]
