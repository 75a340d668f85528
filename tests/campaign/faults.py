"""What goes wrong in a campaign, each until it is over; seeded, so that a bad hour can be had again."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from campaign.home import SERVICES, Home
from ems.contract.service import Service

Fault = Callable[[Home, random.Random], Awaitable[str]]
"""Does harm, mends it, and says what it was."""


async def kill_service(home: Home, dice: random.Random) -> str:
    """A service dies as by kill -9, and systemd starts it again."""
    return await _ended(home, dice, dice.choice(SERVICES), signal.SIGKILL)


async def kill_gateway_for_long(home: Home, dice: random.Random) -> str:
    """The gateway dies, and nobody starts it for minutes of the home's time."""
    return await _ended(home, dice, Service.EVCC_POLLER, signal.SIGKILL, away_s=dice.uniform(8, 15))


async def stop_service(home: Home, dice: random.Random) -> str:
    """A service is stopped, as for an upgrade."""
    return await _ended(home, dice, dice.choice(SERVICES), signal.SIGTERM)


async def kill_all(home: Home, dice: random.Random) -> str:
    """The power goes for everybody but evcc."""
    home.rights.broker.kill()
    home.poller_died_s = home.clock.monotonic()
    await home.suite.end(*SERVICES, how=signal.SIGKILL)
    await asyncio.sleep(dice.uniform(0, 3))
    home.rights.broker.start()
    for service in SERVICES:
        home.suite.start(service)
    home.poller_died_s = None
    return "power cut"


async def restart_broker(home: Home, dice: random.Random) -> str:
    """The broker goes, kindly or not, and comes back."""
    kindly = dice.random() < 0.5
    (home.rights.broker.stop if kindly else home.rights.broker.kill)()
    await asyncio.sleep(dice.choice((0.0, 0.5, 4.0)))
    home.rights.broker.start()
    return f"broker {'stopped' if kindly else 'killed'}"


async def freeze_broker(home: Home, dice: random.Random) -> str:
    """The broker keeps its connections and answers nobody."""
    seconds = dice.uniform(0.5, 8)
    home.rights.broker.freeze()
    await asyncio.sleep(seconds)
    home.rights.broker.thaw()
    return f"broker frozen for {seconds:.1f} s"


async def restart_evcc(home: Home, dice: random.Random) -> str:
    """evcc goes, kindly or not, and comes back; in half a second or in minutes of its own time."""
    kindly = dice.random() < 0.5
    away_s = dice.choice((0.05, 0.5, 10.0))
    await (home.evcc.terminate() if kindly else home.evcc.kill())
    await asyncio.sleep(away_s)
    await home.evcc.start()
    return f"evcc {'stopped' if kindly else 'killed'} for {away_s} s"


async def disturb_evcc(home: Home, dice: random.Random) -> str:
    """evcc answers late, wrongly, or not at all, a few times."""
    what = dice.choice(("status", "reply", "request", "late"))
    faults, times = home.evcc.faults, dice.randint(1, 8)
    match what:
        case "status":
            faults.answer(dice.choice((404, 500, 503)), times=times)
        case "reply":
            faults.lose_reply(times=times)
        case "request":
            faults.lose_request(times=times)
        case _:
            faults.delay(dice.uniform(0.5, 3), times=times)
    await asyncio.sleep(dice.uniform(0.5, 4))
    faults.clear()
    return f"evcc's answers: {what} x{times}"


FAULTS: tuple[tuple[Fault, int], ...] = (
    (kill_service, 10),
    (kill_gateway_for_long, 2),
    (stop_service, 3),
    (kill_all, 1),
    (restart_broker, 3),
    (freeze_broker, 2),
    (restart_evcc, 3),
    (disturb_evcc, 3),
)
"""Each with how often it comes."""


async def _ended(
    home: Home, dice: random.Random, service: Service, how: signal.Signals, away_s: float | None = None
) -> str:
    if service is Service.EVCC_POLLER:
        home.poller_died_s = home.clock.monotonic()
    await home.suite.end(service, how=how)
    await asyncio.sleep(dice.choice((0.0, 0.2, 1.5)) if away_s is None else away_s)
    home.suite.start(service)
    if service is Service.EVCC_POLLER:
        home.poller_died_s = None
    return f"{service} {'killed' if how is signal.SIGKILL else 'stopped'}"
