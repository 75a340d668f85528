"""Makes the cars' sources from the settings."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from ems.house.calendar import DailyHours
from ems.runtime import credentials
from ems.runtime.clock import Clock
from vehicle_soc.adapters.provider import Context, Polled, Pushed
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.readings import Reading
from vehicle_soc.settings import Settings


def logins_dir(settings: Settings) -> Path:
    """Where the logins are kept."""
    return settings.state_dir / "logins"


def quiet_hours(settings: Settings) -> DailyHours | None:
    """The quiet hours in the site's zone."""
    hours = settings.quiet_hours
    return DailyHours(hours.start, hours.end, settings.zone) if hours else None


@asynccontextmanager
async def open_provider_factory(settings: Settings, clock: Clock) -> AsyncGenerator["ProviderFactory"]:
    """A factory whose connections are closed at the end."""
    # No cookie jar: two accounts of one cloud must not share cookies.
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=60)
    ) as http:
        ref = settings.mqtt.password_credential
        password = credentials.read(ref, "mqtt.password_credential") if ref else None
        yield ProviderFactory(settings, clock, http, password)


class ProviderFactory:
    """Makes sources; cars of one account share its login."""

    def __init__(
        self, settings: Settings, clock: Clock, http: aiohttp.ClientSession, mqtt_password: SecretStr | None
    ) -> None:
        self.tokens = TokenStore(logins_dir(settings))
        self._settings, self._clock, self._http, self._mqtt_password = settings, clock, http, mqtt_password
        self._shared: dict[str, Any] = {}

    def source(
        self, config: VehicleConfig, tell_impossible: Callable[[Reading], None] = lambda _: None
    ) -> Polled | Pushed | None:
        """The source of a car; for ``tell_impossible`` see :class:`Context`."""
        context = Context(
            car=config.name,
            clock=self._clock,
            http=self._http,
            tokens=self.tokens,
            mqtt=self._settings.mqtt,
            mqtt_password=self._mqtt_password,
            shared=self._shared,
            tell_impossible=tell_impossible,
        )
        made: Polled | Pushed | None = config.kind.make(config.options, context)
        return made
