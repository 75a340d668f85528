"""What three real evcc answered: as a dictionary, and as a server that gives the same replies."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

VERSIONS = ("0.207.6", "0.300.8", "0.313")
FOLDER = Path(__file__).parents[1] / "fixtures" / "evcc-recorded"


@cache
def recording(version: str) -> dict[str, Any]:
    """Every reply of one version by name."""
    found: dict[str, Any] = json.loads((FOLDER / f"{version}.json").read_text())
    return found


def body(version: str, name: str) -> Any:
    """The body of one reply."""
    return recording(version)[name]["response"]["body"]


@asynccontextmanager
async def replaying(version: str, *names: str) -> AsyncIterator[str]:
    """The address of a server that gives the replies recorded as ``names``, each to its own request; else 404."""
    replies: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        entry = recording(version)[name]
        replies[entry["request"]["method"], entry["request"]["path"]] = entry["response"]

    async def answer(request: web.Request) -> web.Response:
        reply = replies.get((request.method, request.path_qs))
        if reply is None:
            return web.Response(status=404, text="404 page not found\n")
        text = reply["body"] if reply["content_type"].startswith("text/plain") else json.dumps(reply["body"])
        return web.Response(status=reply["status"], text=text, content_type=reply["content_type"].split(";")[0])

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"
