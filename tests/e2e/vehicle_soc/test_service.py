"""The real program on a real broker, with the real car libraries against clouds on loopback."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ems.contract.vehicle import AgeClass, ProblemKind, Vehicle
from support import fake_kia, fake_renault
from support.brokers import MOSQUITTO, Mosquitto
from support.patience import PATIENCE_S, in_time
from support.vehicle_house import TOP, vehicle_house

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


SECRETS = (
    *(fake_renault.PASSWORD, fake_renault.VIN, fake_renault.CODE, fake_renault.USER, fake_renault.GMID),
    *(fake_kia.PASSWORD, fake_kia.VIN, fake_kia.PIN, "canary"),
)


async def test_a_full_run_from_login_to_refusal_tells_everything_but_secrets(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        service = await made.program("--config", str(made.config))
        await made.until(lambda: (v := made.vehicle("ev6")) and v.soc_pct == 58)
        await made.until(
            lambda: (v := made.vehicle("zoe")) and v.problem and v.problem.kind is ProblemKind.AUTH_REQUIRED
        )
        ev6, old = made.vehicle("ev6"), made.vehicle("old_car")
        assert ev6 is not None
        assert (ev6.source, ev6.capacity_kwh, ev6.plugged_in) == ("hyundai_kia", 77.4, True)
        assert old is not None
        assert (old.soc_pct, old.age) == (None, AgeClass.UNKNOWN)
        await made.bus.wait_for(f"{TOP}/event/login_needed")
        (event,) = [json.loads(p) for p in made.bus.payloads(f"{TOP}/event/login_needed")]
        assert (event["vehicle"], event["details"]["step"]) == ("zoe", "code")
        health = json.loads(await made.bus.wait_for(f"{TOP}/vehicle-soc/health"))
        assert health["state"] == "degraded"

        # A person brings the code; once wrongly.
        assert "No code is awaited" in (await made.command("vehicle/zoe/login/set", code="1234"))["reason"]
        assert "o***r@example.org" in (await made.command("vehicle/zoe/login/set"))["reason"]
        assert "less than 2 min" in (await made.command("vehicle/zoe/login/set"))["reason"]
        assert not (await made.command("vehicle/zoe/login/set", code="000000"))["accepted"]
        assert (await made.command("vehicle/zoe/login/set", code=fake_renault.CODE))["accepted"]
        await made.until(lambda: (v := made.vehicle("zoe")) and v.soc_pct == 63 and v.problem is None)

        # By hand, and too often.
        assert (await made.command("vehicle/old_car/soc/set", soc_pct=37))["accepted"]
        await made.until(lambda: (v := made.vehicle("old_car")) and (v.soc_pct, v.source) == (37, "manual"))
        assert "too recently" in (await made.command("vehicle/zoe/refresh/set"))["reason"]
        assert "nothing to ask" in (await made.command("vehicle/old_car/refresh/set"))["reason"]
        assert "known are" in (await made.command("vehicle/nobody/refresh/set"))["reason"]
        assert not (await made.command("vehicle/old_car/soc/set", soc_pct=137))["accepted"]

        # evcc sees a car.
        live = LOADPOINT | {"connected": True, "vehicle": "zoe", "soc_pct": 64.0, "at": _now()}
        await made.bus.publish(f"{TOP}/loadpoint/1", json.dumps(live), retain=True)
        await made.until(lambda: (v := made.vehicle("zoe")) and (v.source, v.soc_pct) == ("evcc", 64))

        service.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
        assert service.returncode == 0, err.decode()
        assert made.renault.surprises == made.kia.surprises == []
        said = (
            out
            + err
            + b"".join(m.topic.value.encode() + m.payload for m in made.bus.seen if "/set" not in m.topic.value)
        )
        for secret in SECRETS:
            assert secret.lower().encode() not in said.lower(), secret
        assert b"charge_power_kw has no meaning" in err
        assert made.bus.payloads(f"{TOP}/vehicle-soc/status")[-1] == b"offline"


async def test_a_car_that_is_no_longer_in_the_settings_does_not_stand_on_the_bus_for_ever(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        sold = Vehicle(name="sold", at=datetime.now(UTC), age=AgeClass.FRESH, soc_pct=50)
        await made.bus.publish(f"{TOP}/vehicle/sold", sold.payload(), retain=True)
        await made.program("--config", str(made.config))
        await made.bus.wait_for(f"{TOP}/vehicle/sold", b"")
        await made.until(lambda: made.vehicle("old_car"))


async def test_clouds_that_refuse_and_break_are_told_without_their_words(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        made.renault.two_factor = False
        made.renault.kamereon_error = "err.func.privacy.on"
        made.kia.state_error = ("7445", "could not be processed")
        service = await made.program("--config", str(made.config))
        await made.until(lambda: (v := made.vehicle("zoe")) and v.problem and "privacy" in v.problem.text.en)
        await made.until(lambda: (v := made.vehicle("ev6")) and v.problem and v.problem.kind is ProblemKind.TRANSIENT)
        zoe = made.vehicle("zoe")
        assert zoe is not None
        assert zoe.soc_pct is None
        assert zoe.problem is not None
        assert zoe.problem.kind is ProblemKind.PERMANENT
        service.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
        said = out + err + b"".join(m.topic.value.encode() + m.payload for m in made.bus.seen)
        for secret in SECRETS:
            assert secret.lower().encode() not in said.lower(), secret


async def test_a_stuck_cloud_holds_up_neither_the_other_cars_nor_the_end(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        made.renault.two_factor = False
        made.kia.hang = asyncio.Event()
        service = await made.program("--config", str(made.config))
        await made.until(lambda: made.kia.count("lstvhclsts"))
        await made.until(lambda: (v := made.vehicle("zoe")) and v.soc_pct == 63)
        assert (await made.command("vehicle/old_car/soc/set", soc_pct=37))["accepted"]
        began = time.monotonic()
        service.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
        assert time.monotonic() - began < in_time(5)
        assert service.returncode == 0, err.decode()
        made.kia.hang.set()


async def test_login_on_the_command_line_is_enough_for_the_service(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        login = await made.program("--config", str(made.config), "login", "zoe")
        out, err = await asyncio.wait_for(login.communicate(f"{fake_renault.CODE}\n".encode()), PATIENCE_S)
        assert login.returncode == 0, err.decode()
        assert "A code was sent to o***r@example.org." in out.decode()
        assert "zoe: 63 %, measured at 2026-11-20 18:05" in out.decode()
        logins = made.renault.count("accounts.login")
        check = await made.program("--config", str(made.config), "--check")
        out, err = await asyncio.wait_for(check.communicate(), PATIENCE_S)
        assert check.returncode == 0, err.decode()
        for line in (
            "zoe: 63 %, measured at 2026-11-20 18:05",
            "ev6: 58 %",
            "old_car: nothing to ask",
            "charge_power_kw has no meaning",
            "ev6: hyundai_kia, every 60 min, never woken",
        ):
            assert line in out.decode(), out.decode()
        assert made.renault.count("accounts.login") == logins, "the kept login is used"
        for secret in SECRETS:
            assert secret.lower() not in (out + err).decode().lower()


async def test_a_password_given_at_the_keyboard_is_needed_once_and_kept_nowhere(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        settings = json.loads(made.config.read_text())
        del settings["vehicles"]["zoe"]["password_credential"]
        made.config.write_text(json.dumps(settings))
        (tmp_path / "zoe-password").unlink()
        login = await made.program("--config", str(made.config), "login", "zoe")
        typed = f"{fake_renault.PASSWORD}\n{fake_renault.CODE}\n"
        _, err = await asyncio.wait_for(login.communicate(typed.encode()), PATIENCE_S)
        assert login.returncode == 0, err.decode()
        service = await made.program("--config", str(made.config))
        await made.until(lambda: (v := made.vehicle("zoe")) and v.soc_pct == 63)
        kept = [file.read_text() for file in (tmp_path / "state").rglob("*") if file.is_file()]
        assert kept
        assert not any(fake_renault.PASSWORD in text for text in kept)
        service.send_signal(signal.SIGTERM)
        await asyncio.wait_for(service.communicate(), PATIENCE_S)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vehicles": {"zoe": {"provider": "renalt"}}}, "did you mean 'renault'?"),
        ({"vehicles": {"zoe": {"provider": "renault", "username": "a", "pasword_credential": "x"}}}, "password"),
        ({"vehicles": {"zoe": {"provider": "renault", "username": "a", "password": "canary"}}}, "password_credential"),
        ({"vehicles": {"Zoe": {"provider": "evcc"}}}, "vehicles"),
        ({"vehicles": {"zoe": {"provider": "evcc", "intervall_minutes": 5}}}, "intervall_minutes: unknown"),
        ({"vehicles_file": "/nowhere/vehicles.yaml"}, "no such file"),
        ({"quiet_hours": {"start": "9 pm"}}, "quiet_hours.start"),
    ],
)
async def test_wrong_settings_end_with_78_and_say_what_to_mend(
    broker: Mosquitto, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        settings = json.loads(made.config.read_text())
        made.config.write_text(json.dumps({k: v for k, v in settings.items() if k != "vehicles_file"} | change))
        for arguments in (["--check"], []):
            service = await made.program("--config", str(made.config), *arguments)
            _, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
            assert (service.returncode, words in err.decode()) == (78, True), err.decode()
            assert b"canary" not in err


async def test_a_vehicles_file_that_others_can_read_is_refused(broker: Mosquitto, tmp_path: Path) -> None:
    async with vehicle_house(broker, tmp_path) as made:
        (tmp_path / "vehicles.yaml").chmod(0o644)
        service = await made.program("--config", str(made.config))
        _, err = await asyncio.wait_for(service.communicate(), PATIENCE_S)
        assert service.returncode == 78
        assert f"`chmod 600 {tmp_path / 'vehicles.yaml'}`" in err.decode()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
