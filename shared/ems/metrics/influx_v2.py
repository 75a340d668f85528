"""InfluxDB 2.x through its own client."""

from collections.abc import Sequence
from typing import Self

from aiohttp import ClientError
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from pydantic import SecretStr

from ems.metrics.errors import raise_for_status
from ems.metrics.settings import InfluxSettings
from ems.runtime import network
from ems.runtime.errors import TransientError


class InfluxV2:
    """See :class:`ems.metrics.sink.InfluxServer`."""

    def __init__(self, settings: InfluxSettings, token: SecretStr) -> None:
        self._settings, self._token = settings, token
        self._client: InfluxDBClientAsync | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._client = InfluxDBClientAsync(
            str(settings.url).rstrip("/"),
            token=self._token.get_secret_value(),
            org=settings.org or "",
            timeout=round(settings.timeout_s * 1000),
            ssl_ca_cert=str(settings.ca_file) if settings.ca_file else None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # the client forgot to annotate it

    async def write(self, lines: Sequence[str]) -> None:
        """See :class:`ems.metrics.sink.InfluxServer`."""
        if self._client is None:
            raise RuntimeError("used outside its context")
        try:
            await self._client.write_api().write(
                self._settings.bucket or "",
                record="\n".join(lines),
                write_precision=WritePrecision.S,  # type: ignore[arg-type]  # constants annotated as a class
            )
        except ApiException as error:
            # Only its words: the exception's own text holds every header.
            raise_for_status(error.status or 500, str(error.body or error.reason)[:300])
        except (ClientError, TimeoutError, OSError) as error:
            raise TransientError(f"not reached: {network.reason(error) or type(error).__name__}") from error
