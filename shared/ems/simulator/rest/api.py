"""The simulated evcc's REST: routes as evcc has them, replies and refusals as evcc words them.

Whatever does not fit a route (a negative limit, an unknown loadpoint, a wrong method) is a plain-text 404, as in evcc.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ems.simulator.evcc_core import EvccCore
from ems.simulator.faults import Faults
from ems.simulator.rest.versions import Dialect

ID = "{id:[1-9][0-9]*}"
NAME = "{name:[a-zA-Z0-9_-]+}"
WORD = "{value:[a-zA-Z]+}"
INTEGER = "{value:[0-9]+}"
NUMBER = "{value:[0-9.]+}"
SIGNED = "{value:-?[0-9.]+}"
BOOLEAN = "{value:true|false}"
TIME = "{time:[0-9TZ:.+-]+}"


class Refusal(Exception):
    """Evcc does not do it; ``{"error": ...}`` with this status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Exception):
    """A plain-text 404: no such route, loadpoint or device."""


class PlainText(Exception):
    """Evcc answers in plain text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Created:
    """A reply without a body that hands out a session's cookie."""

    status: int
    cookie: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request, with evcc as it is at this moment."""

    evcc: EvccCore
    dialect: Dialect
    faults: Faults
    values: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    authorized: bool

    @property
    def value(self) -> str:
        """The value in the path."""
        return self.values["value"]

    @property
    def number(self) -> float:
        """The value in the path as a number."""
        try:
            return float(self.value)
        except ValueError:
            raise NotFound from None

    @property
    def loadpoint(self) -> str:
        """The loadpoint's id in the path, which must exist."""
        if self.values["id"] not in self.evcc.views:
            raise NotFound
        return self.values["id"]


type Route = tuple[str, str, Callable[[Call], Any]]
"""Method, path below ``/api``, and what evcc does: the return value is the JSON reply."""


def reply(dialect: Dialect, outcome: Any) -> web.Response:
    """An outcome as evcc would send it."""
    match outcome:
        case Created(status=status, cookie=cookie):
            response = web.Response(status=status, headers={"Content-Type": "application/json; charset=UTF-8"})
            response.set_cookie("auth", cookie, httponly=True, samesite="Lax", max_age=90 * 86400)
            return response
        case NotFound():
            return web.Response(status=404, text="404 page not found\n")
        case PlainText(status=status, text=text):
            return web.Response(status=status, text=text)
        case Refusal(status=status):
            return _json({"error": str(outcome)}, status, "application/json; charset=UTF-8")
        case _:
            return _json(outcome, 200, dialect.json_type)


def _json(body: Any, status: int, content_type: str) -> web.Response:
    return web.Response(status=status, body=json.dumps(body).encode(), headers={"Content-Type": content_type})
