"""InfluxDB's HTTP API, of 1.x and 2.x. influxdb-client writes to no 1.x before 1.8, and follows redirects."""

import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Self

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import SecretStr

from ems.metrics.errors import InfluxReply, raise_for
from ems.metrics.settings import InfluxSettings
from ems.runtime import network
from ems.runtime.errors import TransientError

_MAX_BYTES = 10_000
"""Longest answer to a write that is read, in bytes; InfluxDB's own are a line."""


class InfluxHttp:
    """One InfluxDB; see :class:`ems.metrics.sink.InfluxServer`. ``secret`` is 1.x's password or 2.x's token."""

    def __init__(self, settings: InfluxSettings, secret: SecretStr | None) -> None:
        self._settings, self._secret = settings, secret
        self._http: ClientSession | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        self._http = ClientSession(headers=self._login(), timeout=ClientTimeout(total=settings.timeout_s))
        self._tls = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.close()

    async def write(self, lines: Sequence[str]) -> None:
        """See :class:`ems.metrics.sink.InfluxServer`."""
        raise_for(await self._post("\n".join(lines)))

    async def check(self) -> str:
        """What answers, after it has taken a write of nothing: it knows us and the place, and lets us write.

        Raises:
            TransientError: it is not reached, or what answers is no InfluxDB.
            PermanentError: it refuses.
        """
        answer = await self._post("# a comment, and no point")
        # It looks at login and place before the points, and some versions want at least one of those.
        if not (answer.status == 400 and answer.is_influx):
            raise_for(answer)
        return f"InfluxDB {answer.version or f'{self._settings.version}.x'}"

    async def _post(self, body: str) -> InfluxReply:
        settings = self._settings
        path, place = (
            ("write", {"db": settings.database or ""})
            if settings.version == 1
            else ("api/v2/write", {"org": settings.org or "", "bucket": settings.bucket or ""})
        )
        return await self.post(path, {**place, "precision": "s"}, body)

    async def post(
        self,
        path: str,
        params: Mapping[str, str],
        body: str,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = _MAX_BYTES,
    ) -> InfluxReply:
        """What it answers, cut off after ``max_bytes``.

        Raises:
            TransientError: it is not reached.
        """
        if self._http is None:
            raise RuntimeError("used outside its context")
        text = bytearray()
        try:
            async with self._http.post(
                f"{str(self._settings.url).rstrip('/')}/{path}",
                params=params,
                data=body.encode(),
                headers=headers,
                ssl=self._tls,
                allow_redirects=False,  # a redirected write becomes a read, and its page a success
            ) as reply:
                async for part in reply.content.iter_any():
                    text += part
                    if len(text) >= max_bytes:
                        break
                version = reply.headers.get("X-Influxdb-Version")
                shown = text[:max_bytes].decode(errors="replace")
                return InfluxReply(reply.status, reply.content_type, version, shown)
        except (ClientError, TimeoutError, OSError) as error:
            raise TransientError(f"not reached: {network.reason(error) or type(error).__name__}") from error

    def _login(self) -> dict[str, str]:
        secret = self._secret.get_secret_value() if self._secret else ""
        if self._settings.version == 2:
            return {"Authorization": f"Token {secret}"}
        if not self._settings.username:
            return {}
        # By hand: aiohttp's BasicAuth ends with its version 4.
        return {"Authorization": f"Basic {b64encode(f'{self._settings.username}:{secret}'.encode()).decode()}"}
