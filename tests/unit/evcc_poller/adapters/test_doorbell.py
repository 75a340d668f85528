"""evcc rings, by its tree on the broker and by its socket: what changes is news, what was kept is not."""

import asyncio
import json
from collections import Counter

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from evcc_poller.adapters.evcc_socket import EvccSocket
from evcc_poller.adapters.evcc_tree import EvccTree
from support.patience import PATIENCE_S


class Rung:
    """Counts what rang."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.told: list[tuple[str, str, str]] = []
        self.news, self.gone = asyncio.Event(), asyncio.Event()

    def change(self, source: str, topic: str, value: str) -> None:
        self.told.append((source, topic, value))
        self.counts["change"] += 1
        self.news.set()

    def presence(self) -> None:
        self.counts["presence"] += 1
        self.gone.set()


def tree(rung: Rung) -> EvccTree:
    return EvccTree("evcc/core", rung.change, rung.presence)


async def test_what_the_broker_had_kept_is_no_news_and_a_change_of_it_is() -> None:
    rung = Rung()
    bell = tree(rung)
    bell.receive("evcc/core/loadpoints/1/mode", b"pv", retained=True)
    bell.receive("evcc/core/loadpoints/1/mode", b"pv", retained=False)
    assert rung.counts == {}
    bell.receive("evcc/core/loadpoints/1/mode", b"now", retained=False)
    assert rung.told == [("tree", "loadpoints/1/mode", "now")]


async def test_evccs_presence_rings_also_when_it_says_the_same_again() -> None:
    rung = Rung()
    bell = tree(rung)
    bell.receive("evcc/core/status", b"online", retained=True)
    bell.receive("evcc/core/status", b"online", retained=False)
    bell.receive("evcc/core/status", b"offline", retained=False)
    assert rung.counts == {"presence": 2}


@pytest.mark.parametrize(
    "topic", ["loadpoints/+/mode", "loadpoints/+/limitSoc", "loadpoints/+/connected", "site/batteryMode", "status"]
)
async def test_the_tree_listens_to_what_people_change(topic: str) -> None:
    assert f"evcc/core/{topic}" in tree(Rung()).filters


async def test_the_socket_rings_for_a_change_and_for_its_end_but_not_for_the_first_state() -> None:
    rung, opened = Rung(), asyncio.Event()

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"loadpoints.0.mode": "pv", "siteTitle": "Home"}))
        await socket.send_str(json.dumps({"homePower": 300}))
        await socket.send_str("not json")
        opened.set()
        await asyncio.sleep(0.05)
        assert rung.counts == {}
        await socket.send_str(json.dumps({"loadpoints.0.mode": "now"}))
        await asyncio.wait_for(rung.news.wait(), PATIENCE_S)
        rung.news.clear()
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/ws", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        following = asyncio.create_task(
            EvccSocket(f"http://127.0.0.1:{server.port}/", rung.change, rung.presence).run()
        )
        await asyncio.wait_for(opened.wait(), PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            await rung.gone.wait()
        following.cancel()
    assert rung.counts == {"change": 1, "presence": 1}
    assert rung.told == [("socket", "loadpoints/1/mode", "now")]


async def test_an_evcc_without_a_socket_never_rings() -> None:
    rung, asked = Rung(), asyncio.Event()

    async def refuse(_: web.Request) -> web.Response:
        asked.set()
        return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/ws", refuse)
    async with TestServer(app, host="127.0.0.1") as server:
        following = asyncio.create_task(EvccSocket(f"http://127.0.0.1:{server.port}", rung.change, rung.presence).run())
        await asyncio.wait_for(asked.wait(), PATIENCE_S)
        await asyncio.sleep(0.05)
        assert not following.done()
        following.cancel()
    assert rung.counts == {}
