"""What goes wrong in a campaign, each until it is over; seeded, so that a bad hour can be had again."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from campaign.home import Home
from campaign.outside import WAYS, away
from ems.contract.service import SERVICES, Service

Harm = Callable[[Home, random.Random, str], Awaitable[str]]
"""Does harm to something, mends it, and says what it was."""
BROKER, EVCC, TREE = "the broker", "evcc", "the tree"


@dataclass(frozen=True)
class Fault:
    """What may go wrong with ``what``; in one round nothing is harmed twice."""

    what: str
    harm: Harm
    weight: int


async def kill(home: Home, dice: random.Random, what: str) -> str:
    """A service dies as by kill -9, and systemd starts it again."""
    return await _ended(home, dice, Service(what), signal.SIGKILL)


async def kill_again_and_again(home: Home, dice: random.Random, what: str) -> str:
    """It dies twice more while it starts."""
    for _ in range(2):
        await _ended(home, dice, Service(what), signal.SIGKILL, away_s=dice.uniform(0, 1))
    return await _ended(home, dice, Service(what), signal.SIGKILL)


async def kill_gateway_for_long(home: Home, dice: random.Random, what: str) -> str:
    """The gateway dies, and nobody starts it for minutes of the home's time."""
    return f"{await _ended(home, dice, Service(what), signal.SIGKILL, away_s=dice.uniform(8, 15))} for long"


async def stop(home: Home, dice: random.Random, what: str) -> str:
    """A service is stopped, as for an upgrade."""
    return await _ended(home, dice, Service(what), signal.SIGTERM)


async def partition(home: Home, dice: random.Random, what: str) -> str:
    """A service's line to the broker stalls or is cut, while everybody else talks on."""
    way = dice.choice(("stalls", "stalls", "refuses"))
    await away(home.lines[Service(what)], way, dice.choice((0.5, 3, 14)))
    return f"{what}'s line to the broker {way}"


async def restart_broker(home: Home, dice: random.Random, what: str) -> str:
    """The broker goes, kindly or not, and comes back."""
    kindly = dice.random() < 0.5
    (home.rights.broker.stop if kindly else home.rights.broker.kill)()
    await asyncio.sleep(dice.choice((0.0, 0.5, 4.0)))
    home.rights.broker.start()
    home.broker_restarts += 1
    return f"{what} {'stopped' if kindly else 'killed'}"


async def freeze_broker(home: Home, dice: random.Random, what: str) -> str:
    """The broker keeps its connections and answers nobody."""
    home.rights.broker.freeze()
    await asyncio.sleep(dice.choice((0.5, 3, 12)))
    home.rights.broker.thaw()
    return f"{what} frozen"


async def wipe(home: Home, dice: random.Random, what: str) -> str:
    """Every fact is erased, as evcc does with its own root when it starts; once, or again and again."""
    for _ in range(dice.choice((1, 1, 3))):
        await home.wipe()
    return f"{what} wiped"


async def restart_evcc(home: Home, dice: random.Random, what: str) -> str:
    """evcc goes, kindly or not, and comes back; in half a second or in minutes of its own time."""
    kindly = dice.random() < 0.5
    await (home.evcc.terminate() if kindly else home.evcc.kill())
    await asyncio.sleep(dice.choice((0.05, 0.5, 10.0)))
    await home.evcc.start()
    return f"{what} {'stopped' if kindly else 'killed'}"


async def disturb_evcc(home: Home, dice: random.Random, what: str) -> str:
    """evcc answers late, wrongly, or not at all, a few times."""
    how = dice.choice(("status", "reply", "request", "late"))
    faults, times = home.evcc.faults, dice.randint(1, 8)
    match how:
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
    return f"{what}'s answers: {how}"


async def partition_evcc(home: Home, dice: random.Random, what: str) -> str:
    """evcc lives, but the gateway does not reach it."""
    way = dice.choice(sorted(WAYS))
    await away(home.evcc_line, way, dice.choice((0.5, 3, 10)))
    return f"the gateway's line to {what} {way}"


async def leave(home: Home, dice: random.Random, what: str) -> str:
    """Something outside of the house is away."""
    way = dice.choice(sorted(WAYS))
    await away(home.outside.gates[what], way, dice.choice((1, 6, 12)))
    return f"{what} {way}"


FAULTS: tuple[Fault, ...] = (
    *(
        Fault(service, harm, weight)
        for service in SERVICES
        for harm, weight in ((kill, 20), (kill_again_and_again, 6), (stop, 3), (partition, 4))
    ),
    Fault(Service.EVCC_POLLER, kill_gateway_for_long, 4),
    Fault(BROKER, freeze_broker, 8),
    Fault(TREE, wipe, 6),
    Fault(EVCC, restart_evcc, 12),
    Fault(EVCC, disturb_evcc, 8),
    Fault(EVCC, partition_evcc, 6),
    *(Fault(what, leave, 3) for what in ("the car's cloud", "Telegram", "InfluxDB")),
)
"""Each with how often it comes."""
MAX_AT_ONCE = 6
"""Draws of a round; what is drawn twice goes wrong once."""
BROKER_SHARE = 0.5
"""Of the rounds, those in which the broker is started anew besides."""


def draw_round(dice: random.Random) -> list[Fault]:
    """What goes wrong together, each with something else."""
    chosen: dict[str, Fault] = {}
    if dice.random() < BROKER_SHARE:
        chosen[BROKER] = Fault(BROKER, restart_broker, 0)
    for _ in range(dice.randint(1, MAX_AT_ONCE)):
        (fault,) = dice.choices(FAULTS, [f.weight for f in FAULTS])
        chosen.setdefault(fault.what, fault)
    return list(chosen.values())


async def happen(home: Home, faults: list[Fault], dice: random.Random, told: Counter[str]) -> None:
    """Everything in ``faults`` goes wrong within two seconds, and is mended; counted in ``told``."""

    async def one(fault: Fault, its: random.Random) -> None:
        await asyncio.sleep(its.uniform(0, 2))
        home.watcher.disturb()
        told[await fault.harm(home, its, fault.what)] += 1
        home.watcher.disturb()

    async with asyncio.TaskGroup() as tasks:
        for fault in faults:
            tasks.create_task(one(fault, random.Random(dice.randrange(2**32))))


async def cut_power(home: Home, dice: random.Random, told: Counter[str]) -> None:
    """The power goes for everybody but evcc."""
    home.watcher.disturb()
    home.rights.broker.kill()
    home.poller_died_s = home.clock.monotonic()
    await home.suite.end(*SERVICES, how=signal.SIGKILL)
    await asyncio.sleep(dice.uniform(0, 3))
    home.rights.broker.start()
    for service in SERVICES:
        home.suite.start(service)
    home.poller_died_s = None
    told["power cut"] += 1
    home.kills += len(SERVICES)
    home.watcher.disturb()


async def _ended(
    home: Home, dice: random.Random, service: Service, how: signal.Signals, away_s: float | None = None
) -> str:
    if service is Service.EVCC_POLLER:
        home.poller_died_s = home.clock.monotonic()
    await home.suite.end(service, how=how)
    home.kills += how is signal.SIGKILL
    await asyncio.sleep(dice.choice((0.0, 0.2, 1.5)) if away_s is None else away_s)
    home.suite.start(service)
    if service is Service.EVCC_POLLER:
        home.poller_died_s = None
    return f"{service} {'killed' if how is signal.SIGKILL else 'stopped'}"
