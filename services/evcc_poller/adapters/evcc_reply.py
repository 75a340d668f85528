"""Translates a reply of evcc into its value or an error."""

import errno
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ems.i18n.health.renderer import words
from ems.runtime import network
from ems.runtime.errors import PermanentError, TransientError
from evcc_poller.adapters.errors import EvccAway, EvccDown, EvccNotWorking, NoSuchRoute, OptimizerActive, RefusedByEvcc
from evcc_poller.domain.parsing.state import fatal_problem

_NOTHING = object()


@dataclass(frozen=True)
class EvccReply:
    """The status and text that evcc answered to a call."""

    method: str
    path: str
    status: int
    text: str

    @property
    def what(self) -> str:
        """The call, for people."""
        return f"{self.method} {self.path}"

    @cached_property
    def body(self) -> Any:
        """The JSON value, or a private mark when the text is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return _NOTHING

    @property
    def error(self) -> str | None:
        """Evcc's own words, when it gave some."""
        words = self.body.get("error") if isinstance(self.body, dict) else None
        return str(words)[:300] if words is not None else None

    @property
    def starting_or_unknown(self) -> bool:
        """A plain-text 404: evcc's answer to an unknown path, and to every path while it starts."""
        return self.status == 404 and self.error is None


def unwrap(body: Any) -> Any:
    """``body`` without the envelope ``{"result": ...}`` of evcc before 0.207."""
    return body["result"] if isinstance(body, dict) and set(body) == {"result"} else body


def read_value(reply: EvccReply, state: Mapping[str, Any] | None) -> Any:
    """The value in ``reply``.

    Args:
        reply: what came.
        state: evcc's state, when it was asked for because of a plain 404 and answered.

    Raises:
        TransientError: evcc is starting, broken or answers nonsense.
        PermanentError: evcc refuses, its optimizer is in charge, or this is not evcc.
    """
    if 200 <= reply.status < 300:
        if reply.body is _NOTHING:
            raise TransientError(f"{reply.what}: the answer is not JSON: is this evcc's address?")
        return unwrap(reply.body)
    raise _what_went_wrong(reply, state)


def _what_went_wrong(reply: EvccReply, state: Mapping[str, Any] | None) -> TransientError | PermanentError:
    words = reply.error or " ".join(reply.text.split())[:100] or "no words"
    error: TransientError | PermanentError
    match reply.status:
        case _ if network.wants_tls(reply.text):
            error = PermanentError("evcc speaks TLS there: write https:// in evcc.url")
        case 404 if reply.error is None:
            error = _not_found(reply, state)
        case 409:
            error = OptimizerActive(
                f"evcc's own optimizer is in charge ({words}): switch its automatic mode off to take over"
            )
        case 502 | 503 if reply.error is None:
            error = EvccDown(f"the proxy before evcc answers {reply.status}: evcc is down")
        case status if status >= 500:
            error = EvccNotWorking(f"evcc answers {status} to {reply.what}: {words}")
        case status if 300 <= status < 400:
            error = PermanentError(f"{reply.what} is redirected: give the final address as evcc.url")
        case _ if reply.error is not None:
            error = RefusedByEvcc(f"evcc refuses {reply.what}: {words}", words)
        case status:
            error = PermanentError(f"evcc answers {status} to {reply.what}: {words}")
    return error


def _not_found(reply: EvccReply, state: Mapping[str, Any] | None) -> TransientError | PermanentError:
    if state is None:
        return EvccDown("evcc is starting: it answers 404 to everything")
    fatal = fatal_problem(state)
    return EvccNotWorking(words(fatal).en) if fatal else NoSuchRoute(f"evcc does not know {reply.what}")


def connection_error(error: Exception, url: str, timeout_s: float) -> EvccAway:
    """The error for a call to ``url`` that got no answer."""
    if isinstance(error, TimeoutError):
        return EvccAway(f"evcc at {url} does not answer within {timeout_s:g} s")
    words = network.reason(error) or str(error) or type(error).__name__
    if words == network.NO_TLS:
        words = f"{words}: write http:// in evcc.url"
    # A connection that was merely cut says nothing about evcc.
    kind = EvccDown if getattr(error, "errno", None) == errno.ECONNREFUSED else EvccAway
    return kind(f"evcc at {url} cannot be reached: {words}")
