"""Any URL that answers with a state of charge: a JSON pointer or a regular expression finds it."""

import asyncio
import re
from base64 import b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self, override
from zoneinfo import ZoneInfo

import aiohttp
from pydantic import AfterValidator, Field, HttpUrl, SecretStr, model_validator

from ems.runtime import network
from ems.runtime.settings import Timezone
from vehicle_soc.adapters.provider import (
    AuthRequired,
    Context,
    Impossible,
    LoginStep,
    Options,
    Polled,
    ProviderKind,
    QuotaExceeded,
    Unavailable,
)
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.value_parsing import (
    distance_km,
    document,
    find,
    flag,
    impossible_percent,
    moment,
    percent,
    zoneless,
)
from vehicle_soc.domain.wording.problems import (
    AskedTooOften,
    Hindrance,
    NoSoc,
    OddAnswer,
    SettingFault,
    Unreachable,
    WrongLogin,
    WrongSettings,
)

MAX_BYTES = 1_000_000
"""Longest answer that is read, in bytes."""
_PUBLIC_HEADERS = frozenset({"accept", "accept-language", "content-type", "user-agent"})


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as why:
        raise ValueError(f"not a regular expression: {why}") from None
    return pattern


class HttpOptions(Options):
    """Where to ask, and where in the answer the values stand."""

    url: HttpUrl
    method: Literal["GET", "POST", "PUT"] = "GET"
    body: str | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Sent with the request; secret ones by ``header_credentials``."""
    username: str | None = None
    password: SecretStr | None = None
    soc: str | None = Field(default=None, min_length=1)
    """JSON pointer (``/data/soc``) or dotted path (``data.soc``)."""
    soc_regex: Annotated[str, AfterValidator(_compiles)] | None = None
    """Instead of ``soc``: the first group is the number."""
    range: str | None = None
    measured_at: str | None = None
    """Path to when the car measured it: ISO 8601, or Unix seconds."""
    zone: Timezone | None = None
    """The zone of times without an offset, such as ``Europe/Berlin``; without it they say nothing."""
    plugged_in: str | None = None
    charging: str | None = None
    timeout_s: float = Field(default=20, gt=0, le=120)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.soc is None) == (self.soc_regex is None):
            raise ValueError("give either soc (a path) or soc_regex")
        return self


class Http(Polled):
    """One car behind one URL."""

    def __init__(self, options: HttpOptions, context: Context) -> None:
        self._options, self._context = options, context
        self._cloud = options.url.host or "the URL"
        secret = [value for name, value in options.headers.items() if name.lower() not in _PUBLIC_HEADERS]
        for value in (*secret, options.password):
            if value is not None:
                context.conceal(value.get_secret_value())

    @override
    async def read(self, *, force: bool) -> Reading:
        try:
            async with asyncio.timeout(self._options.timeout_s):
                text = await self._ask()
        except TimeoutError:
            raise Unavailable(Unreachable(self._cloud, Hindrance.NO_ANSWER)) from None
        except aiohttp.ClientConnectionError as error:
            unknown = network.reason(error) == network.UNRESOLVED
            why = Hindrance.UNKNOWN_HOST if unknown else Hindrance.NO_CONNECTION
            raise Unavailable(Unreachable(self._cloud, why)) from None
        except (aiohttp.ClientError, ValueError) as error:
            # The error's own words hold the address, which may hold a key.
            raise Unavailable(OddAnswer(self._cloud, detail=type(error).__name__)) from None
        found = reading(text, self._options, self._context.clock.now())
        if found.soc_pct is None:
            raise Unavailable(NoSoc(self._cloud, found.impossible_pct))
        return found

    async def _ask(self) -> str:
        options = self._options
        headers = {name: value.get_secret_value() for name, value in options.headers.items()}
        if options.username is not None:
            password = options.password.get_secret_value() if options.password else ""
            login = b64encode(f"{options.username}:{password}".encode()).decode()
            self._context.conceal(login)
            headers["Authorization"] = f"Basic {login}"
        async with self._context.http.request(
            options.method,
            str(options.url),
            data=options.body,
            headers=headers,
            allow_redirects=False,  # headers with secrets go to the host that was set, and nowhere else
        ) as response:
            self._judge(response.status)
            content = bytearray()
            async for part in response.content.iter_any():
                content += part
                if len(content) > MAX_BYTES:
                    raise Impossible(WrongSettings(self._cloud, SettingFault.TOO_LARGE))
            return content.decode(response.charset or "utf-8", errors="replace")

    def _judge(self, status: int) -> None:
        if 200 <= status < 300:
            return
        if status in {401, 403}:
            raise AuthRequired(WrongLogin(self._cloud), LoginStep.PASSWORD)
        if status == 429:
            raise QuotaExceeded(AskedTooOften(self._cloud))
        if status >= 500 or status == 408:
            raise Unavailable(Unreachable(self._cloud, status=status))
        fault = SettingFault.REDIRECTS if 300 <= status < 400 else SettingFault.REFUSED
        raise Impossible(WrongSettings(self._cloud, fault, status))


def reading(text: str, options: HttpOptions, now: datetime) -> Reading:
    """What an answer says; what cannot be found or understood is absent."""
    tree = document(text)

    def at(path: str | None) -> Any:
        return None if path is None else find(tree, path)

    if options.soc_regex is not None:
        match = re.search(options.soc_regex, text)
        soc = match[match.re.groups and 1] if match else None
    else:
        soc = at(options.soc)
    measured_at, zone = at(options.measured_at), ZoneInfo(options.zone) if options.zone else None
    return Reading(
        source="http",
        asked_at=now,
        soc_pct=percent(soc),
        impossible_pct=impossible_percent(soc),
        measured_at=moment(measured_at, zone),
        zoneless=zone is None and zoneless(measured_at),
        range_km=distance_km(at(options.range)),
        plugged_in=flag(at(options.plugged_in)),
        charging=flag(at(options.charging)),
    )


def make(options: HttpOptions, context: Context) -> Http:
    """The provider for one car."""
    return Http(options, context)


KIND = ProviderKind(options=HttpOptions, make=make, account=lambda options: f"http:{options.url.host}")
