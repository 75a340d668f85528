"""The simulated evcc in the script of ``evcc_script``, and what differs over time from a recording of a real one.

PYTHONPATH=tests .venv/bin/python -m support.evcc_over_time    # the report, for all recordings
"""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, override

import aiohttp

from ems.contract.site import LoadpointMode, Rate, TariffKind
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from support.clocks import StandingClock
from support.evcc_script import (
    ABSENT,
    CAPACITY_KWH,
    EXPORT_EUR,
    IMPORT_EUR,
    LOAD_W,
    PV_W,
    SCRIPT,
    SOC_PCT,
    TITLES,
    Step,
    kept,
    path_at,
    relative,
    unfold,
)

FOLDER = Path(__file__).parents[1] / "fixtures" / "evcc-over-time"
DIALECTS = {"0.207.6": "0.207", "0.300.8": "0.300", "0.313": "0.313", "smart": "0.316"}
"""The recordings, and which dialect of the simulated evcc is to speak so."""


@cache
def recorded(version: str) -> dict[str, Any]:
    """What ``record_evcc`` has kept of one version."""
    found: dict[str, Any] = json.loads((FOLDER / f"{version}.json").read_text(encoding="utf-8"))
    return found


@cache
def unfolded(version: str) -> dict[str, list[Any]]:
    """The value of every field at every second of a recording."""
    return unfold(recorded(version)["samples"], recorded(version)["seconds"])


@dataclass(frozen=True, slots=True)
class NoSun(Steady):
    """One price and no solar forecast."""

    @override
    def rates(self, kind: TariffKind, now: datetime) -> list[Rate]:
        return [] if kind is TariffKind.SOLAR else list(Steady.rates(self, kind, now))


def house(now: datetime) -> SimulatedHome:
    """The house of the recordings."""
    conditions = Conditions(
        load_w=LOAD_W, pv_w=PV_W, import_eur_per_kwh=IMPORT_EUR, export_eur_per_kwh=EXPORT_EUR, pv_forecast_w=0
    )
    return SimulatedHome(
        now=now,
        # As far as the script plans; each of its 1700 looks carries them.
        environment=NoSun(conditions, hours=12),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=5,
        chargers={"1": Charger(), "2": Charger()},
        switches=frozenset({"2"}),
        cars={
            name: SimulatedCar(
                name,
                TITLES[name],
                CarSpec(capacity),
                capacity * SOC_PCT[name] / 100,
                parks_at="1" if name == "limo" else None,
            )
            for name, capacity in CAPACITY_KWH.items()
        },
    )


@dataclass
class Replay:
    """The simulated evcc while it lives through the steps of a recording at their times."""

    began: datetime
    dialect: str
    http: aiohttp.ClientSession
    replies: list[tuple[int | None, Any]] = field(default_factory=list)
    samples: list[list[Any]] = field(default_factory=list)
    evcc: SimulatedEvcc | None = None
    _last: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = StandingClock(self.began)
        self.home = house(self.began)

    def pass_until(self, second: float) -> None:
        """Lets time pass."""
        self.clock.moment = max(self.clock.moment, self.began + timedelta(seconds=second))
        if self.evcc is not None:
            _ = self.evcc.home
        self.home.battery_kwh = 5

    async def do(self, step: Step) -> None:
        """One step; its reply is kept."""
        reply: tuple[int | None, Any] = (None, None)
        match step.verb:
            case "plug":
                for car in self.home.cars.values():
                    car.loadpoint = "1" if car.name == step.what else None
            case "soc":
                name, soc_pct = step.what.split()
                car = self.home.cars[name]
                car.energy_kwh = car.spec.capacity_kwh * float(soc_pct) / 100
            case "start" if self.evcc is None:
                self.evcc = SimulatedEvcc(
                    self.home,
                    self.clock,
                    dialect=self.dialect,
                    interval_s=float(step.what),
                    default_modes={"1": LoadpointMode.PV},
                )
                await self.evcc.__aenter__()
            case "start":
                assert self.evcc is not None
                await self.evcc.start(interval_s=float(step.what))
            case "terminate" | "kill":
                assert self.evcc is not None
                await (self.evcc.terminate() if step.verb == "terminate" else self.evcc.kill())
            case _:
                reply = await self._call(step)
        self.replies.append(reply)

    async def look(self, second: int) -> None:
        """Notes what the simulated evcc shows."""
        self.pass_until(second + 0.5)
        truth = {"house.battery_mode": str(self.home.battery_mode), "house.charges": self.home.car_w("1") > 0}
        try:
            async with self.http.get(f"{self._url}/api/state") as response:
                shown = {"reachable": True, **truth, **kept(_bare(await response.json()), self.began)}
        except aiohttp.ClientError:
            shown = {**self._last, **truth, "reachable": False}
        self.samples.append([second, {**dict.fromkeys(self._last, ABSENT), **shown}])
        self._last = shown

    @property
    def _url(self) -> str:
        return self.evcc.url if self.evcc is not None else "http://127.0.0.1:9"

    async def _call(self, step: Step) -> tuple[int, Any]:
        path = path_at(step.what, self.clock.now())
        async with self.http.request(step.verb, f"{self._url}/api/{path}", json=step.body) as response:
            text = await response.text()
            plain = response.content_type == "text/plain"
            return response.status, text if plain or not text else relative(json.loads(text), self.began)


def _bare(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body.get("result", body)
    return found


async def simulated(version: str) -> Replay:
    """The simulated evcc in the script as it went in the recording of ``version``."""
    recording = recorded(version)
    began = datetime.fromisoformat(recording["began"])
    async with aiohttp.ClientSession() as http:
        replay = Replay(began, DIALECTS[version], http)
        waiting = list(zip(recording["steps"], SCRIPT, strict=True))
        try:
            for second in range(recording["seconds"]):
                while waiting and waiting[0][0]["at"] <= second + 0.5:
                    done, step = waiting.pop(0)
                    replay.pass_until(done["at"])
                    await replay.do(step)
                await replay.look(second)
        finally:
            if replay.evcc is not None:
                await replay.evcc.__aexit__(None, None, None)
    return replay


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was otherwise for a while, in seconds since the script began."""

    field: str
    since: int
    until: int
    ours: Any
    theirs: Any
    during: str

    @override
    def __str__(self) -> str:
        return (
            f"{self.since:4}-{self.until:<4} {self.field}: simulated {self.ours!r}, real {self.theirs!r} "
            f"(after {self.during})"
        )


SETTINGS = re.compile(
    r"loadpoints\.\d\.(mode|alwaysCharge|limitSoc|limitEnergy|minCurrent|maxCurrent|priority|smartCostLimit|"
    r"smartFeedInPriorityLimit|vehicleName|planEnergy|planTime)|vehicles\.|batteryModeExternal|"
    r"buffer|prioritySoc|residualPower|batteryDischargeControl|batteryGridChargeLimit"
)
"""Fields that follow a call at once; all others wait for a control cycle, one loadpoint's after the other's."""

SLACK = {"Soc": 1.5, "soc": 1.5, "Duration": 6.0, "Energy": 200.0, "power": 110.0, "Power": 110.0, "Range": 8.0}
"""How far a number may lie outside of what the other one showed in the same seconds, by the end of its name."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What the simulated evcc does not model: fields (a pattern), everywhere or only after a step (a pattern)."""

    fields: str
    reason: str
    after: str = ".*"
    versions: tuple[str, ...] = tuple(DIALECTS)

    def covers(self, version: str, difference: Difference) -> bool:
        """Whether it explains ``difference``."""
        return (
            version in self.versions
            and re.fullmatch(self.fields, difference.field) is not None
            and re.fullmatch(self.after, difference.during) is not None
        )


def differences(version: str, replay: Replay) -> list[Difference]:
    """All that differs for longer than evcc's control cycles explain."""
    recording = recorded(version)
    until = recording["seconds"]
    theirs, ours = unfolded(version), unfold(replay.samples, until)
    steps = recording["steps"]
    up = [t for t in range(until) if theirs["reachable"][t] and ours["reachable"][t]]
    late = {t: _late(steps, t) for t in up}
    found: list[Difference] = []
    for name in sorted(theirs.keys() | ours.keys()):
        left, right = ours.get(name, [ABSENT] * until), theirs.get(name, [ABSENT] * until)
        prompt = SETTINGS.match(name) is not None
        wrong = [t for t in up if left[t] != right[t] and _differ(name, left, right, t, late[t][prompt])]
        for first, last in _stretches(wrong):
            during = next((s["step"] for s in reversed(steps) if s["at"] <= first), "")
            found.append(Difference(name, first, last, left[first], right[first], during))
    return sorted(found, key=lambda d: (d.field, d.since))


def other_replies(version: str, replay: Replay) -> list[str]:
    """Calls that were answered otherwise."""
    return [
        f"{done['step']}: simulated {reply[0]} {reply[1]!r}, real {done['status']} {done['reply']!r}"
        for done, reply in zip(recorded(version)["steps"], replay.replies, strict=True)
        if "status" in done and not _same_reply(reply, (done["status"], done["reply"]))
    ]


def _same_reply(ours: tuple[int | None, Any], theirs: tuple[int, Any]) -> bool:
    return ours[0] == theirs[0] and _near("reply", ours[1], [theirs[1]])


type Window = tuple[int, int]
"""How many seconds the real one may be late, and the simulated one."""


def _late(steps: list[dict[str, Any]], second: int) -> tuple[Window, Window]:
    """For what waits for a control cycle, and for what follows a call at once (unless a car or evcc comes or goes)."""
    starts = [int(s["step"].split()[1]) for s in steps if s["at"] <= second and s["step"].startswith("start")]
    interval = starts[-1] if starts else 30
    cycle = (2 * interval + 3, interval + 3)
    events = ("plug", "start", "terminate", "kill")
    recent = any(second - cycle[0] - 2 <= s["at"] <= second + 2 and s["step"].startswith(events) for s in steps)
    return cycle, cycle if recent else (2, 2)


def _differ(name: str, ours: list[Any], theirs: list[Any], second: int, window: Window) -> bool:
    if _near(name, ours[second], [theirs[second]]):
        return False  # What is near now is near in the window, too.
    late, ours_late = window
    their_values = theirs[max(0, second - ours_late) : second + late + 1]
    our_values = ours[max(0, second - late) : second + ours_late + 1]
    return not (_near(name, ours[second], their_values) and _near(name, theirs[second], our_values))


def _near(name: str, value: Any, others: list[Any]) -> bool:
    """Whether ``value`` is one of ``others``, or a number in or close to their range."""
    if value in others:
        return True
    match value:
        case int() | float() if not isinstance(value, bool):
            numbers = [o for o in others if isinstance(o, int | float) and not isinstance(o, bool)]
            slack = next((s for end, s in SLACK.items() if name.endswith(end)), 0.0)
            near = bool(numbers) and min(numbers) - slack <= value <= max(numbers) + slack
        case str() if value.startswith("t+"):
            moments = [int(o[2:]) for o in others if isinstance(o, str) and o.startswith("t+")]
            near = any(abs(int(value[2:]) - moment) <= 2 for moment in moments)
        case dict():
            alike = [o for o in others if isinstance(o, dict) and o.keys() == value.keys()]
            near = any(all(_near(k, value[k], [o[k]]) for k in value) for o in alike)
        case list():
            lists = [o for o in others if isinstance(o, list) and len(o) == len(value)]
            near = any(all(_near(name, a, [b]) for a, b in zip(value, o, strict=True)) for o in lists)
        case _:
            near = False
    return near


def _stretches(seconds: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for second in seconds:
        if first is None or last is None:
            first = second
        elif second > last + 3:
            yield first, last
            first = second
        last = second
    if first is not None and last is not None:
        yield first, last


async def _report() -> None:
    for version in DIALECTS:
        replay = await simulated(version)
        lines = [*other_replies(version, replay), *map(str, differences(version, replay))]
        sys.stdout.write(f"== {version}: {len(lines)}\n" + "".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    asyncio.run(_report())
