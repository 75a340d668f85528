"""docs/vehicles.md typed as it stands: its settings, its commands, its messages."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from aiohttp import web

from ems.runtime.notation import yaml12
from support import fake_kia, fake_renault
from support.brokers import Broker
from support.bus import raw
from support.clouds import served
from support.doc_blocks import blocks, filled, page, spans, typed
from support.fake_kia import FakeKia
from support.fake_renault import FakeRenault
from support.vehicle_house import TOP

PAGE = page("vehicles.md")
EXAMPLES = [block.text for block in blocks(PAGE, "yaml")]
COMMANDS = [span for span in spans(PAGE) if span.startswith("vehicle-soc --config FILE")]


def ora() -> web.Application:
    """What the page's http example asks."""

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "canary-ora"
        data = {"battery": {"soc": 63}, "range_km": 300, "timestamp": "2026-11-20 18:05:00", "plugged": True}
        return web.json_response({"data": data})

    app = web.Application()
    app.router.add_get("/ora", answer)
    return app


def settings(home: Path, broker: Broker, renault: str, kia: str, ora_url: str) -> Path:
    """All the page's examples in one file; only whose they are is another's, and where the clouds are."""
    mine = {
        "username: me@example.org": f"username: {fake_renault.USER}",
        "VF1AAAAAAAAAAAAAA": fake_renault.VIN,
        "locale: de_DE": f"locale: de_DE\n    api_url: {renault}",
        # Europe's login wants a browser.
        "region: europe ": f"region: canada\n    vin: {fake_kia.VIN}\n    api_url: {kia} ",
        "https://cars.example.org/ora": f"{ora_url}/ora",
    }
    text = "vehicles:\n" + "".join(filled(example, mine).removeprefix("vehicles:\n") for example in EXAMPLES)
    secrets = {"renault-password": fake_renault.PASSWORD, "kia-password": fake_kia.PASSWORD}
    for name, secret in {**secrets, "kia-pin": fake_kia.PIN, "ora-bearer": "canary-ora"}.items():
        (home / name).write_text(secret)
    own = {"mqtt": {"host": "127.0.0.1", "port": broker.port}, "state_dir": str(home / "state"), "quiet_hours": None}
    path = home / "vehicle-soc.yaml"
    path.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in own.items()) + text)
    found = yaml12.load(path.read_text())
    assert isinstance(found, dict)
    assert set(found["vehicles"]) == {"zoe", "ev6", "ora", "born", "leaf", "i4", "oldtimer"}
    return path


@pytest.mark.timeout(300)
async def test_examples_commands_and_messages_work_as_they_stand(broker: Broker, tmp_path: Path) -> None:
    renault, kia = FakeRenault(two_factor=True), FakeKia()
    async with (
        served(renault.app()) as renault_url,
        served(kia.canada()) as kia_url,
        served(ora()) as ora_url,
        raw(broker.settings()) as bus,
    ):
        config = settings(tmp_path, broker, renault_url, kia_url, ora_url)
        environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert COMMANDS == ["vehicle-soc --config FILE --check", "vehicle-soc --config FILE login zoe"]
        check, login = (filled(command, {"FILE": str(config)}) for command in COMMANDS)
        await bus.publish("cars/leaf", json.dumps({"soc": 41}), retain=True)

        done = await asyncio.to_thread(
            typed, login, tmp_path, environment=environment, keyboard=f"{fake_renault.CODE}\n"
        )
        assert done.status == 0, done.output
        assert "Logged in" in done.output
        done = await asyncio.to_thread(typed, check, tmp_path, environment=environment, within_s=120)
        assert done.status == 0, done.output
        for line in (
            "zoe: 63 %, measured at",
            "ev6: 58 %",
            "ora: 63 %, measured at 2026-11-20 18:05",
            "born: connected, but nothing came",
            "leaf: 41 %, it says not when",
            "i4: nothing to ask",
            "oldtimer: nothing to ask",
        ):
            assert line in done.output, done.output

        service = check.removesuffix(" --check")
        asked = asyncio.Event()
        running = asyncio.create_task(
            asyncio.to_thread(
                typed, service, tmp_path, environment=environment, until=lambda _: asked.is_set(), within_s=100
            )
        )
        await bus.until(lambda: bus.payloads(f"{TOP}/vehicle/zoe"))
        # `{}` to `evcc/ems/vehicle/<name>/refresh/set`, as the page has it.
        pairs = re.findall(r"`(\{[^`]*\})` to `(evcc/ems/[^`]+)`", PAGE)
        assert len(pairs) >= 2
        for payload, topic in pairs:
            place = filled(topic, {"<name>": "zoe"})
            await bus.publish(place, payload)
            answer = json.loads(await bus.wait_for(f"{place.removesuffix('/set')}/result"))
            # The cloud was asked a moment ago, and knows the login.
            assert answer["accepted"] or "too recently" in answer["reason"], answer
        asked.set()
        assert (await running).status is None
