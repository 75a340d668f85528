"""What the real program makes of values without times, of nonsense, of trips, of clouds that refuse and grant again."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ems.contract.vehicle import DoubtKind, Vehicle
from ems.runtime.clock import AcceleratedClock
from support.brokers import MOSQUITTO, Mosquitto
from support.patience import PATIENCE_S
from support.vehicle_house import TOP, VehicleHouse, vehicle_house

GOLF: dict[str, Any] = {"provider": "mqtt", "topic": "cars/golf", "capacity_kwh": 36}
SPEED = 10.0
"""How much faster the program's clock runs where a test waits for a second reading, half a minute later."""
LOADPOINT = {"v": 1, "id": 1, "mode": "pv", "kind": "car", "charging": False}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("NO MOSQUITTO HERE: this test needs the real one (Debian's package mosquitto)")
    home = tmp_path / "mosquitto"
    home.mkdir()
    one = Mosquitto(home)
    one.start()
    yield one
    one.kill()


async def shows(made: VehicleHouse, name: str, soc_pct: float | None, doubt: DoubtKind | None) -> Vehicle:
    """The car's fact, when it is so."""

    def there() -> bool:
        fact = made.vehicle(name)
        return fact is not None and (fact.soc_pct, fact.doubt and fact.doubt.kind) == (soc_pct, doubt)

    await made.until(there)
    fact = made.vehicle(name)
    assert fact is not None
    return fact


async def ended(service: asyncio.subprocess.Process) -> None:
    service.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
    assert service.returncode == 0, err.decode()


async def test_a_kept_value_without_a_time_is_known_since_it_was_first_seen_also_after_a_restart(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with vehicle_house(broker, tmp_path, golf=GOLF) as made:
        await made.bus.publish("cars/golf", "41", retain=True)
        service = await made.program("--config", str(made.config))
        first = await shows(made, "golf", 41, DoubtKind.UNDATED)
        assert (first.measured_at, first.source) == (None, "mqtt")
        assert first.known_since is not None
        assert first.soc_at_least_pct is not None
        assert first.soc_at_least_pct < 41
        await ended(service)
        await made.bus.publish(f"{TOP}/vehicle/golf", retain=True)
        await made.program("--config", str(made.config))
        await made.until(lambda: (v := made.vehicle("golf")) and v.at > first.at and v.soc_pct == 41)
        again = made.vehicle("golf")
        assert again is not None
        assert again.known_since == first.known_since


async def test_nonsense_is_held_back_and_told_until_it_is_said_again_later(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path, golf=GOLF) as made:
        made.renault.two_factor = False
        now = time.time()
        clock = AcceleratedClock(now, now, SPEED)
        await made.program("--config", str(made.config), clock=clock)
        await made.bus.publish("cars/golf", "63", retain=True)
        await made.until(lambda: (v := made.vehicle("golf")) and v.soc_pct == 63)
        await made.bus.publish("cars/golf", "255", retain=True)
        fact = await shows(made, "golf", 63, DoubtKind.IMPLAUSIBLE)
        assert fact.doubt is not None
        assert "255 %" in fact.doubt.text.en
        assert "kein Akku" in fact.doubt.text.de
        await made.bus.publish("cars/golf", "0", retain=True)
        await made.until(lambda: (v := made.vehicle("golf")) and v.doubt and "out of nothing" in v.doubt.text.en)
        await made.until(
            lambda: any(b"golf: MQTT reports 0 %" in p for p in made.bus.payloads(f"{TOP}/vehicle-soc/health"))
        )
        assert (await shows(made, "golf", 63, DoubtKind.IMPLAUSIBLE)).soc_pct == 63
        began = clock.now()
        while (shown := made.vehicle("golf")) and shown.soc_pct == 63:
            assert clock.now() - began < timedelta(minutes=SPEED)
            await made.bus.publish("cars/golf", "0", retain=True)
            await clock.sleep(1)
        assert clock.now() - began > timedelta(seconds=20), "what one glitch says again at once is not believed"
        await shows(made, "golf", 0, None)
        await made.until(lambda: b"golf" not in (made.bus.payloads(f"{TOP}/vehicle-soc/health") or [b"golf"])[-1])


async def test_a_car_that_was_away_is_unknown_until_something_is_newer_than_the_plug(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async def loadpoint(ago: timedelta, **more: Any) -> None:
        fact = LOADPOINT | {"at": (datetime.now(UTC) - ago).isoformat()} | more
        await made.bus.publish(f"{TOP}/loadpoint/1", json.dumps(fact), retain=True)

    async with vehicle_house(broker, tmp_path) as made:
        await made.program("--config", str(made.config))
        await made.until(lambda: made.vehicle("old_car"))
        measured = (datetime.now(UTC) - timedelta(hours=4)).isoformat()
        await made.command("vehicle/old_car/soc/set", soc_pct=80, measured_at=measured)
        # A hundred seconds ago: long enough for a trip, short enough to be seen as it was.
        await loadpoint(timedelta(seconds=100), connected=True, vehicle="old_car")
        await made.until(lambda: (v := made.vehicle("old_car")) and v.plugged_in)
        await loadpoint(timedelta(seconds=90), connected=False)
        await shows(made, "old_car", 80, DoubtKind.OUTDATED)
        await loadpoint(timedelta(), connected=True, vehicle="old_car", connected_s=5)
        fact = await shows(made, "old_car", None, DoubtKind.OUTDATED)
        assert (fact.soc_at_least_pct, fact.measured_at, fact.plugged_in) == (0, None, True)
        await made.command("vehicle/old_car/soc/set", soc_pct=35)
        assert (await shows(made, "old_car", 35, None)).soc_at_least_pct is None


async def test_what_clouds_refuse_and_grant_again_calls_nobody(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        made.renault.two_factor = False
        made.renault.errors = ["err.func.wired.unauthorized"]
        made.kia.moves_at = "lstvhclsts"
        await made.program("--config", str(made.config))
        await made.until(lambda: (v := made.vehicle("zoe")) and v.soc_pct == 63)
        await made.until(lambda: (v := made.vehicle("ev6")) and v.soc_pct == 58)
        assert [v.problem for name in ("zoe", "ev6") if (v := made.vehicle(name))] == [None, None]
        assert made.bus.payloads(f"{TOP}/event/login_needed") == []
        assert made.kia.count("v2/login") == 2
        assert made.renault.surprises == made.kia.surprises == []


async def test_an_account_without_cars_is_said_on_the_bus(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        made.renault.two_factor = False
        made.renault.cars, made.kia.cars = [], []
        await made.program("--config", str(made.config))
        for name in ("zoe", "ev6"):
            await made.until(lambda n=name: (v := made.vehicle(n)) and v.problem and "has no car" in v.problem.text.en)
