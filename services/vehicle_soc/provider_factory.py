"""Makes the cars' sources from the settings."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ems.house.calendar import DailyHours
from ems.runtime import credentials
from ems.runtime.clock import Clock
from vehicle_soc.adapters.provider import Context, Polled, Pushed
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.readings import Reading
from vehicle_soc.settings import Settings

if TYPE_CHECKING:
    import aiohttp


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
    ref = settings.mqtt.password_credential
    password = credentials.read(ref, "mqtt.password_credential") if ref else None
    factory = ProviderFactory(settings, clock, password)
    try:
        yield factory
    finally:
        await factory.close()


class ProviderFactory:
    """Makes sources; cars of one account share its login."""

    def __init__(self, settings: Settings, clock: Clock, mqtt_password: SecretStr | None) -> None:
        self.tokens = TokenStore(logins_dir(settings))
        self._settings, self._clock, self._mqtt_password = settings, clock, mqtt_password
        self._http: aiohttp.ClientSession | None = None
        self._shared: dict[str, Any] = {}

    async def close(self) -> None:
        """Closes the connections to the web, where any were wanted."""
        if self._http is not None:
            await self._http.close()

    def source(
        self, config: VehicleConfig, tell_impossible: Callable[[Reading], None] = lambda _: None
    ) -> Polled | Pushed | None:
        """The source of a car; for ``tell_impossible`` see :class:`Context`."""
        context = Context(
            car=config.name,
            clock=self._clock,
            open_http=self._open_http,
            tokens=self.tokens,
            mqtt=self._settings.mqtt,
            mqtt_password=self._mqtt_password,
            shared=self._shared,
            tell_impossible=tell_impossible,
        )
        made: Polled | Pushed | None = config.kind.make(config.options, context)
        return made

    def _open_http(self) -> "aiohttp.ClientSession":
        import aiohttp  # noqa: PLC0415  6 MB: only a home that asks a car's cloud or web page pays for it

        if self._http is None:
            # No cookie jar: two accounts of one cloud must not share cookies.
            self._http = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=60)
            )
        return self._http
