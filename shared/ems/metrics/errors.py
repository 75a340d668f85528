"""What an InfluxDB's answer means; the same in both versions."""

import json
import re
from dataclasses import dataclass

from ems.runtime import network
from ems.runtime.errors import PermanentError, TransientError

_CONFLICT = re.compile(
    r'input field "(?P<field>(?:[^"\\]|\\.)*)" on measurement "(?P<measurement>(?:[^"\\]|\\.)*)"'
    r" is type (?P<ours>\w+), already exists as type (?P<theirs>\w+)"
)


class FieldConflict(PermanentError):
    """InfluxDB keeps ``field`` as another type than ours: no point with it is taken, those without it are."""

    def __init__(self, field: str, kept_as: str) -> None:
        super().__init__(f"keeps the field {field} as {kept_as}")
        self.field, self.kept_as = field, kept_as


@dataclass(frozen=True, slots=True)
class InfluxReply:
    """What came back after a write or a query."""

    status: int
    content_type: str
    version: str | None
    """The server's own, in a header that only InfluxDB sends."""
    text: str

    @property
    def words(self) -> str:
        """The server's words: InfluxDB's are in JSON, as ``error`` (1.x) or ``message`` (2.x)."""
        try:
            body = json.loads(self.text)
        except ValueError:
            body = None
        found = (body.get("message") or body.get("error")) if isinstance(body, dict) else None
        return " ".join(str(found or self.text).split())[:300]

    @property
    def is_influx(self) -> bool:
        """Whether InfluxDB itself, or what speaks like it, says so, and no page of whatever stands there."""
        return self.version is not None or self.content_type != "text/html"


def raise_for(reply: InfluxReply, *, done: int = 204) -> None:
    """Returns when it is done, which InfluxDB says by one status and by nothing else: 204 for a write, 200 for a query.

    Raises:
        TransientError: the server's own trouble (408, 429, 5xx), or something else than InfluxDB answers.
        FieldConflict: a field has another type there.
        PermanentError: it refuses.
    """
    status = reply.status
    if status == done and (status == 204 or reply.is_influx):
        return
    if conflict := _CONFLICT.search(reply.words):
        # 1.x says it with 400, 2.x with 422, and the first of 2.x with 500.
        raise FieldConflict(conflict["field"].replace('\\"', '"'), conflict["theirs"])
    if network.wants_tls(reply.text):
        raise TransientError("speaks TLS there: write https:// in influx.url")
    if 300 <= status < 400:
        raise TransientError(f"answers {status}: redirects are not followed, give the final address as influx.url")
    if not reply.is_influx or status < 300:
        what = "a web page" if reply.content_type == "text/html" else f"something else than InfluxDB's {done}"
        raise TransientError(f"answers {status} with {what}: is influx.url the address of an InfluxDB?")
    if status in (408, 429) or status >= 500:
        raise TransientError(f"answers {status}: {reply.words}")
    raise PermanentError(f"answers {status}: {reply.words}")
