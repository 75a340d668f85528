"""InfluxDB 1.x: influxdb-client cannot write to it before 1.8, so lines go to ``/write`` by HTTP."""

import ssl
from base64 import b64encode
from collections.abc import Sequence
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import SecretStr

from ems.metrics.errors import raise_for_status
from ems.metrics.settings import InfluxSettings
from ems.runtime import network
from ems.runtime.errors import TransientError


class InfluxV1:
    """See :class:`ems.metrics.sink.InfluxServer`."""

    def __init__(self, settings: InfluxSettings, password: SecretStr | None) -> None:
        self._settings, self._password = settings, password
        self._http: ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        headers = {}
        if settings.username:
            # By hand: aiohttp's BasicAuth ends with its version 4.
            secret = self._password.get_secret_value() if self._password else ""
            headers["Authorization"] = f"Basic {b64encode(f'{settings.username}:{secret}'.encode()).decode()}"
        self._http = ClientSession(headers=headers, timeout=ClientTimeout(total=settings.timeout_s))
        self._tls = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()

    async def write(self, lines: Sequence[str]) -> None:
        """See :class:`ems.metrics.sink.InfluxServer`."""
        if self._http is None:
            raise RuntimeError("used outside its context")
        url = f"{str(self._settings.url).rstrip('/')}/write"
        params = {"db": self._settings.database or "", "precision": "s"}
        try:
            async with self._http.post(url, params=params, data="\n".join(lines).encode(), ssl=self._tls) as reply:
                status, words = reply.status, (await reply.text(errors="replace"))[:300].strip()
        except (ClientError, TimeoutError, OSError) as error:
            raise TransientError(f"not reached: {network.reason(error) or type(error).__name__}") from error
        raise_for_status(status, words)
