"""One day in a driver's chat, in every language: read aloud before it was written down here.

``python tests/unit/notifier/telegram/test_whole_day.py`` (with tests on the path) writes the pages anew.
"""

import asyncio
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast, override
from zoneinfo import ZoneInfo

import pytest

from ems.contract.control import LoadpointAction
from ems.contract.message import Command, Language, Message
from ems.contract.people import Event, EventKind
from ems.contract.plan import DevicePlan, Plan, PlanSlot, PlanStatus, Prices, Window
from ems.contract.requests import Result
from ems.contract.site import Loadpoint, LoadpointMode
from ems.contract.topic import Topic
from ems.contract.topics import LOADPOINT, PLAN, PRICES, VEHICLE
from ems.contract.vehicle import AgeClass, Vehicle
from ems.house.calendar import DailyHours
from ems.i18n.languages import in_every_language
from notifier.adapters.memory_db import MemoryDb
from notifier.adapters.telegram_api import Buttons, Telegram
from notifier.answer_handler import AnswerHandler, NotAnswerable, Responder
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.memory import Origin
from notifier.domain.people import People, Person
from notifier.domain.triggers import Thresholds
from notifier.prompter import Prompter
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands, Writer
from notifier.telegram.chat_sender import ChatReply, ChatSender
from notifier.telegram.order_handler import DriverMessage, OrderHandler
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

GOLDEN = Path(__file__).parent / "golden"
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
"""A Wednesday, 12:00 in Berlin."""
HOUR = timedelta(hours=1)
WRITTEN = {
    Language.EN: "quite a lot|65|80% tomorrow at 7|um 3|/boost 2h|in 4h|75|/mute 3h|90% in 2h|no",
    Language.DE: "ziemlich viel|65|80 % morgen um 7|um 3|/boost 2h|in 4h|75|/ruhe 3h|90 % in 2h|nein",
    Language.NL: "best veel|65|80% morgen om 7 uur|om 3 uur|/boost 2 uur|over 4 uur|75|/stil 3 uur|90% over 2 uur|nee",
}
"""The same day, as each driver writes it."""


class HouseBus(QuietBus):
    """Other services take what they are asked."""

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        return Result(accepted=True, reason="done", at=self.clock.now())


@dataclass
class Chat:
    """Stands for Telegram: writes down what is sent and changed."""

    lines: list[str] = field(default_factory=list)
    sent: int = 100

    async def send(self, _chat: int, text: str, buttons: Buttons = (), **_: object) -> int:
        self.sent += 1
        self.lines += [f"    {line}" for line in text.splitlines()]
        self.lines += [f"    [{' | '.join(label for label, _ in row)}]" for row in buttons]
        return self.sent

    async def edit(self, _chat: int, _message: int, text: str, buttons: Buttons = ()) -> None:
        self.lines.append(f"    {text.splitlines()[-1]}")
        self.lines += [f"    [{' | '.join(label for label, _ in row)}]" for row in buttons]


class Day:
    """The notifier with one driver, on a clock that the test sets."""

    def __init__(self, db: MemoryDb, language: Language) -> None:
        self.clock = StandingClock(NOON)
        self.bus = HouseBus(self.clock)
        quiet = DailyHours(time(21), time(6), BERLIN)
        self.anna = Person("anna", "Anna", ("zoe",), language, 1001, quiet)
        self.state = NotifierState(self.bus, db, People((self.anna,), quiet), WeeklySchedules({}, BERLIN))
        self.prompter = Prompter(self.state, Thresholds())
        self.answers = AnswerHandler(self.state, self.prompter)
        self.orders = OrderHandler(self.state, self.answers, BotCommands(self.state, self.answers, None))
        self.chat, self.written = Chat(), 0
        self.sender = ChatSender(self.state, cast("Telegram", self.chat), self.anna, 1001, 0)

    async def at(self, hours: float) -> None:
        """It is so many hours after noon; what is due is sent."""
        self.clock.moment = NOON + hours * HOUR
        self.chat.lines.append(f"{self.clock.moment.astimezone(BERLIN):%a %H:%M}")
        self.state.tidy()
        self.prompter.check()
        await self.sender._send_all()

    async def writes(self, words: str, ago: timedelta = timedelta()) -> None:
        self.written += 1
        self.chat.lines.append(f"  > {words}")
        message = DriverMessage(Writer(self.anna, self.clock.now() - ago), words, Origin(1001, self.written))
        try:
            reply = await self.orders.handle(message)
        except NotAnswerable as why:
            reply = ChatReply(self.state.says.words(why.why, self.anna.language))
        if reply is not None:
            self.sender.reply(reply)
        await self.sender._send_all()

    async def presses(self, key: str) -> None:
        pending = self.state.memory.pending[-1]
        label = next(o.label for o in pending.question.options if o.key == key)
        self.chat.lines.append(f"  > [{label.in_language(self.anna.language)}]")
        await self.answers.answer(pending, key, None, Responder.of(self.anna))
        await self.sender._send_all()

    async def happens(self, kind: EventKind, **words: str) -> None:
        text = in_every_language(lambda language: words.get(language.value, "-"))
        details: dict[str, Any] = {"step": "code"}
        self.prompter.handle_event(
            Event(event_type=kind, at=self.clock.now(), vehicle="zoe", text=text, details=details)
        )
        await self.sender._send_all()

    def car(self, soc_pct: float, *, plugged_in: bool) -> None:
        at = self.clock.now()
        car = Vehicle(name="zoe", at=at, title="Zoe", soc_pct=soc_pct, capacity_kwh=50, age=AgeClass.FRESH)
        vehicle = "zoe" if plugged_in else None
        place = Loadpoint(at=at, id=1, mode=LoadpointMode.PV, connected=plugged_in, charging=False, vehicle=vehicle)
        self.bus.set(VEHICLE, car, "zoe")
        self.bus.set(LOADPOINT, place, "1")

    def prices(self, cheap_in: timedelta) -> None:
        at = self.clock.now()
        cheap = Window(start=at + cheap_in, end=at + cheap_in + 2 * HOUR, mean_eur_per_kwh=0.123)
        made = Prices(
            at=at,
            start=at,
            end=at + 24 * HOUR,
            fetched_at=at,
            now_eur_per_kwh=0.336,
            p20_eur_per_kwh=0.1,
            p30_eur_per_kwh=0.15,
            p40_eur_per_kwh=0.2,
            p60_eur_per_kwh=0.3,
            p80_eur_per_kwh=0.4,
            rank=0.5,
            spread_eur_per_kwh=0.3,
            next_cheap=cheap,
        )
        self.bus.set(PRICES, made)

    def plan(self, start: datetime) -> None:
        """A plan that counts on the Zoe."""
        does = DevicePlan(power_w=3700, action=LoadpointAction(mode=LoadpointMode.NOW), vehicle="zoe")
        slot = PlanSlot(
            start=start,
            end=start + HOUR,
            import_eur_per_kwh=0.1,
            export_eur_per_kwh=0.1,
            load_kwh=0,
            pv_kwh=0,
            import_kwh=3.7,
            export_kwh=0,
            cost_eur=0.37,
            devices={"loadpoint-1": does},
        )
        summary = in_every_language(lambda _: "-")
        until = start + HOUR
        plan = Plan(id="1", at=NOON, valid_until=until, status=PlanStatus.OPTIMAL, slots=(slot,), summary=summary)
        self.bus.set(PLAN, plan)


async def page(home: Path, language: Language) -> str:
    """What is said from noon to the next morning."""
    with MemoryDb(home / "notifier.db") as db:
        day = Day(db, language)
        await noon_to_morning(day, language)
        return "\n".join(day.chat.lines) + "\n"


async def noon_to_morning(day: Day, language: Language) -> None:
    lot, number, goal, three, boost, later, full, mute, late, no = WRITTEN[language].split("|")
    day.car(40, plugged_in=True)
    day.prices(cheap_in=14 * HOUR - 3 * HOUR)
    await day.at(0)
    await day.presses("other")
    await day.writes(lot)
    await day.writes(number)
    await day.writes("/status")
    await day.at(1)
    await day.writes(goal)
    await day.writes("/goal off")
    await day.writes(three)
    await day.presses("no")
    day.car(40, plugged_in=True)
    await day.writes(boost)
    await day.writes("/stop")
    await day.writes("/boost 0")
    await day.at(6)
    await day.writes(late, ago=timedelta(minutes=40))
    await day.writes(no)
    day.car(40, plugged_in=True)
    await day.happens(EventKind.PLUGGED_IN)
    await day.writes(later)
    await day.writes(full)
    await day.writes("/goal off")
    await day.happens(
        EventKind.LOGIN_NEEDED,
        en="Renault wants to send you a code.",
        de="Renault will dir einen Code schicken.",
        nl="Renault wil je een code sturen.",
    )
    await day.at(6.5)
    day.car(41, plugged_in=False)
    await day.at(6.6)
    await day.writes(mute)
    await day.at(14.6)
    await day.happens(EventKind.CHARGED, en="Zoe is charged.", de="Zoe ist geladen.", nl="Zoe is geladen.")
    day.car(41, plugged_in=False)
    day.plan(NOON + 18.2 * HOUR)
    await day.at(17.9)
    await day.at(18)
    await day.writes("/help")


@pytest.mark.parametrize("language", Language)
async def test_a_day_in_the_chat_reads_as_it_was_approved(tmp_path: Path, language: Language) -> None:
    said = await page(tmp_path, language)
    assert said == (GOLDEN / f"{language}.txt").read_text("utf-8")
    assert max(map(len, said.splitlines())) <= 220, "a message is read on a phone"


if __name__ == "__main__":
    for each in Language:
        with tempfile.TemporaryDirectory() as home_dir:
            (GOLDEN / f"{each}.txt").write_text(asyncio.run(page(Path(home_dir), each)), "utf-8")
