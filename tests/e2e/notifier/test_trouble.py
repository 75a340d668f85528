"""What must not happen: twice, at night, to strangers, or never because something broke in between."""

import asyncio
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.people import Answer, EventKind, Mute, SetGoal
from ems.contract.requests import Result
from ems.contract.service import HealthState
from ems.contract.topics import ANSWER, MUTE, PRICES, SET_GOAL
from ems.runtime import logs
from ems.runtime.retry import Backoff
from ems.service.runner import STOP_WITHIN_S
from notifier.telegram import poller
from support.brokers import Broker
from support.bus import eventually, raw
from support.chats import ANNA, BEN, STRANGER, House, house
from support.fake_telegram import TOKEN

EVENING = datetime(2026, 11, 18, 21, tzinfo=UTC)
"""22:00 in Berlin."""
NIGHT = {"start": "21:00", "end": "06:00"}


def cheap(h: House) -> None:
    """It is cheap and the car could take some."""
    h.car()
    h.plug()
    h.prices(0.1)


async def test_forty_eight_cheap_slots_in_a_row_cause_one_inquiry(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier() as bus:
        seen = bus.watch(PRICES)

        def heard() -> bool:
            prices = seen.get()
            return prices is not None and prices.at == h.clock.now()

        for _ in range(48):
            cheap(h)
            await h.until(heard)
            await h.looked_around()
            h.clock.advance(900)
        await h.settled()
        assert len(h.telegram.in_chat(ANNA)) == len(h.telegram.in_chat(BEN)) == 1
        assert "No answer came" in h.telegram.in_chat(ANNA)[0].text, "it was closed, and not asked again"


async def test_a_restart_in_the_middle_of_a_question_loses_nothing_and_repeats_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        # So the service is always stopped between a message's arrival and the answer that tells of it.
        h.telegram.answers_take_s = 0.2
        async with h.notifier():
            cheap(h)
            asked = await h.telegram.said(ANNA, "cheap now")
            await h.telegram.said(BEN, "cheap now")
            await h.pressed(asked, "Other …")
            await h.telegram.said(ANNA, "write a number")
        h.telegram.write(ANNA, "65")
        async with h.notifier():
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 65)
            await h.settled()
        async with h.notifier():
            await h.settled()
            assert len(h.telegram.in_chat(ANNA)) == 2
            assert len(h.telegram.in_chat(BEN)) == 1
            assert h.question() is None
            goal = h.goal()
            assert goal is not None
            assert goal.soc_pct == 65


async def test_news_that_are_told_when_the_service_is_stopped_are_not_told_again(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.answers_take_s = 0.2
        async with h.notifier():
            h.event(EventKind.CHARGED, en="zoe is charged")
            await h.telegram.said(ANNA, "zoe is charged")
            await h.telegram.said(BEN, "zoe is charged")
        async with h.notifier():
            await h.settled()
            assert [len(h.telegram.in_chat(chat)) for chat in (ANNA, BEN)] == [1, 1]


async def test_a_telegram_that_does_not_answer_does_not_keep_the_service_from_stopping(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.answers_take_s = 60
        async with h.notifier():
            cheap(h)
            await h.telegram.said(ANNA, "cheap now")
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < STOP_WITHIN_S


async def test_a_question_of_whose_arrival_we_did_not_know_is_not_asked_again_when_it_was_answered_meanwhile(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            cheap(h)
            asked = await h.telegram.said(ANNA, "cheap now")
            await h.telegram.said(BEN, "cheap now")
            h.telegram.answers_get_lost = True
            await h.pressed(asked, "Other …")
            await h.telegram.said(ANNA, "write a number")
        h.telegram.answers_get_lost = False
        h.telegram.write(ANNA, "65")
        async with h.notifier():
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 65)
            await h.settled()
            assert len(h.telegram.in_chat(ANNA)) == 2


async def test_what_was_handled_but_not_confirmed_before_a_crash_is_not_handled_again(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        h.clock.nap_s = 60  # nothing is saved by the way
        async with h.notifier():
            h.car()
            await asyncio.sleep(0.2)
            h.telegram.write(ANNA, "/status")
            await h.telegram.said(ANNA, "Zoe: 40 %")
            await h.telegram.until(lambda: h.telegram.confirmed)
        h.telegram.repeat_last()
        async with h.notifier():
            h.telegram.write(ANNA, "/help")
            await h.telegram.said(ANNA, "/boost")
            assert len([m for m in h.telegram.in_chat(ANNA) if "Zoe: 40 %" in m.text]) == 1


async def test_a_question_that_was_cut_off_while_it_was_sent_may_come_twice_and_both_copies_work(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path, drivers={"anna": {"vehicles": ["zoe"], "telegram_chat_id": ANNA}}) as h:
        h.telegram.answers_get_lost = True
        async with h.notifier():
            cheap(h)
            first = await h.telegram.said(ANNA, "cheap now")
        h.telegram.answers_get_lost = False
        async with h.notifier():
            await h.telegram.until(lambda: len(h.telegram.in_chat(ANNA)) == 2)
            await h.settled()
            await h.pressed(first, "80 %")
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)
            for sent in h.telegram.in_chat(ANNA):
                await h.telegram.until(lambda sent=sent: "→" in sent.text)
            assert len(h.telegram.in_chat(ANNA)) == 2


async def test_an_outcome_and_a_notice_that_could_not_be_sent_are_sent_after_a_restart(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            cheap(h)
            asked = await h.telegram.said(ANNA, "cheap now")
            h.telegram.too_many = [60]
            await h.pressed(asked, "80 %")
            await h.telegram.until(lambda: not h.telegram.too_many)
            h.event(EventKind.CHARGED, en="zoe is charged")
            await h.settled()
            assert "→" not in asked.text
        async with h.notifier():
            await h.telegram.said(ANNA, "zoe is charged")
            await h.telegram.until(lambda: "→ Anna: Zoe: 80 %" in asked.text)


async def test_who_is_asked_to_wait_waits_and_loses_nothing(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.telegram.too_many = [1, 1]
        cheap(h)
        began = asyncio.get_running_loop().time()
        await h.telegram.said(ANNA, "cheap now")
        await h.telegram.said(BEN, "cheap now")
        assert asyncio.get_running_loop().time() - began >= 1


async def test_nobody_is_spoken_to_in_quiet_hours_and_hears_the_rest_at_once_afterwards(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path, at=EVENING, quiet_hours=NIGHT) as h, h.notifier():
        cheap(h)
        h.event(EventKind.CHARGED, en="zoe is charged")
        h.event(EventKind.CONTROL_LOST, None, "evcc is away")
        h.event(EventKind.PLUGGED_IN)
        await h.until(h.question)
        await h.settled()
        assert h.telegram.messages == [], "the question waits on the bus"
        h.telegram.write(ANNA, "/status")
        await h.telegram.said(ANNA, "Zoe: 40 %")
        h.clock.moment = datetime(2026, 11, 19, 5, 0, 1, tzinfo=UTC)
        digest = await h.telegram.said(ANNA, "Meanwhile:")
        assert digest.text == "Meanwhile:\n• zoe is charged\n• evcc is away"


async def test_a_question_that_is_still_open_in_the_morning_is_asked_then(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, at=EVENING + timedelta(hours=4), quiet_hours=NIGHT) as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.until(h.question)
        h.clock.moment = datetime(2026, 11, 19, 5, 0, 1, tzinfo=UTC)
        await h.telegram.said(ANNA, "When do you need it?")


async def test_who_is_muted_hears_nothing_until_then(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car(soc_pct=70)
        await h.neighbours.request(MUTE, Mute(minutes=60), driver="anna")
        h.event(EventKind.CHARGED, en="zoe is charged")
        await h.telegram.said(BEN, "zoe is charged")
        await h.settled()
        assert h.telegram.in_chat(ANNA) == []
        h.clock.advance(3601)
        await h.telegram.said(ANNA, "zoe is charged")


async def test_strangers_are_told_their_chats_id_once_and_nobody_else_anything(broker: Broker, tmp_path: Path) -> None:
    log = io.StringIO()
    logs.configure("notifier", stream=log)
    async with house(broker, tmp_path) as h, h.notifier():
        cheap(h)
        asked = await h.telegram.said(ANNA, "cheap now")
        for words in ("hello", "/status", "/start", "/start", "/goal zoe 100", "80%"):
            h.telegram.write(STRANGER, words)
        told = await h.telegram.said(STRANGER, str(STRANGER))
        h.telegram.press(STRANGER, asked, asked.data("100 %"))
        await h.settled()
        assert h.telegram.in_chat(STRANGER) == [told]
        assert h.goal() is None
        assert len(h.telegram.in_chat(ANNA)) == len(h.telegram.in_chat(BEN)) == 1
    (said,) = [line for line in log.getvalue().splitlines() if "stranger" in line]
    assert json.loads(said)["chat"] == STRANGER
    assert "telegram_chat_id" in said


async def test_a_stranger_in_a_group_does_not_speak_for_a_driver_nor_a_driver_there(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        group = {"id": -100, "type": "group", "title": "family"}
        h.telegram.write(ANNA, "/goal zoe 100%", chat=group)
        h.telegram.write(ANNA, "/goal zoe 90%", forward_origin={"type": "hidden_user", "date": 1})
        await h.settled()
        assert h.goal() is None


async def test_the_button_of_another_driver_and_a_replayed_one_are_refused(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        cheap(h)
        anna, ben = await h.telegram.said(ANNA, "cheap now"), await h.telegram.said(BEN, "cheap now")
        # Ben presses what stands in Anna's chat; then what was forwarded into his own.
        h.telegram.press(BEN, anna, anna.data("100 %"))
        forwarded = type(ben)(BEN, 99_999, ben.text, ben.buttons, ben.date)
        shown = await h.pressed(forwarded, "100 %")
        assert shown == "This question is closed already."
        await h.settled()
        assert h.goal() is None
        option = anna.data("80 %")
        query = h.telegram.press(ANNA, anna, option)
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)
        await h.telegram.until(lambda: "→" in anna.text)
        undo = anna.data("Undo")
        h.telegram.press(ANNA, anna, undo)
        await h.until(lambda: h.goal() is None)
        for data in (option, undo, "a::", "r:", "x:1:2", "a:0000:soc_100"):
            h.telegram.press(ANNA, anna, data, query=query if data == option else None)
        h.telegram.press(BEN, ben, undo)
        await h.settled()
        assert h.goal() is None


async def test_a_button_that_was_refused_does_not_work_later_when_its_press_is_replayed(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        h.prices(0.1)
        asked = await h.telegram.said(ANNA, "Please plug it in")
        now = asked.data("Charge now")
        query = h.telegram.press(ANNA, asked, now)
        await h.telegram.until(lambda: query in dict(h.telegram.answered))
        assert dict(h.telegram.answered)[query] == "Zoe is not plugged in here."
        h.plug()
        h.telegram.press(ANNA, asked, now, query=query)
        await h.settled()
        assert h.boosts == []
        await h.pressed(asked, "Charge now")
        assert h.boosts == [("1", 90)]


async def test_a_webhook_and_another_poller_are_said_and_overcome(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "_CONFLICT", Backoff(first_s=0.2, max_s=0.5))
    async with house(broker, tmp_path) as h:
        h.telegram.webhook = "https://elsewhere.example"
        async with h.notifier() as bus:
            h.telegram.write(ANNA, "/help")
            await h.telegram.said(ANNA, "/boost")
            h.telegram.webhook = "https://elsewhere.example"
            h.telegram.write(ANNA, "/help")
            await eventually(lambda: "same token" in " ".join(bus.health.snapshot().reasons))
            h.telegram.webhook = ""
            await eventually(lambda: bus.health.state is HealthState.OK)


async def test_a_token_that_is_not_valid_leaves_the_bus_alone_and_is_never_said(broker: Broker, tmp_path: Path) -> None:
    log = io.StringIO()
    logs.configure("notifier", "debug", stream=log)
    async with house(broker, tmp_path) as h, raw(broker.settings()) as hand:
        h.telegram.unauthorized = True
        async with h.notifier() as bus:
            await eventually(lambda: bus.health.state is HealthState.FAILED)
            assert "BotFather" in " ".join(bus.health.snapshot().reasons)
            cheap(h)
            await h.until(h.question)
        seen = b"".join(m.topic.value.encode() + m.payload for m in hand.seen)
    assert TOKEN.encode() not in seen
    assert b"canary" not in seen
    assert "canary" not in log.getvalue()


async def test_a_telegram_that_cannot_be_reached_is_said_without_its_address(broker: Broker, tmp_path: Path) -> None:
    log = io.StringIO()
    logs.configure("notifier", "debug", stream=log)
    async with house(broker, tmp_path) as h:
        assert h.settings.telegram is not None
        telegram = h.settings.telegram.model_copy(update={"api_url": "http://127.0.0.1:1"})
        h.settings = h.settings.model_copy(update={"telegram": telegram})
        async with h.notifier():
            await eventually(lambda: "Telegram cannot be reached" in log.getvalue())
    assert "canary" not in log.getvalue()
    assert "127.0.0.1:1/" not in log.getvalue()


async def test_who_has_blocked_the_bot_is_left_alone_until_they_write(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier() as bus:
        h.telegram.blocked = {ANNA}
        cheap(h)
        await h.telegram.said(BEN, "cheap now")
        await eventually(lambda: "anna cannot be reached" in " ".join(bus.health.snapshot().reasons))
        tries = h.telegram.calls.count("sendMessage")
        h.event(EventKind.CHARGED, en="zoe is charged")
        await h.telegram.said(BEN, "zoe is charged")
        await h.settled()
        assert h.telegram.calls.count("sendMessage") == tries + 1, "Anna's chat is not tried again"
        h.telegram.blocked = set()
        h.telegram.write(ANNA, "/start")
        await h.telegram.said(ANNA, "Hello Anna")
        await h.telegram.said(ANNA, "cheap now")
        assert bus.health.state is HealthState.OK


async def test_a_home_without_telegram_asks_and_is_answered_on_the_bus(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, telegram=None, drivers={}) as h, h.notifier():
        cheap(h)
        await h.until(h.question)
        question = h.question()
        assert question is not None
        assert question.text.de == "Strom ist jetzt günstig (10,0 ct/kWh). Wie voll soll Zoe (40 %) werden?"
        refused = await answer(h, "nothing", option="soc_80")
        assert (refused.accepted, refused.reason) == (False, "This question is not open (any more).")
        refused = await answer(h, question.id, option="soc_90")
        assert "Possible answers: soc_80 (80 %)" in refused.reason
        taken = await answer(h, question.id, text="90 % tomorrow 7am")
        assert (taken.accepted, taken.reason) == (True, "Zoe: 90 % by tomorrow 07:00 (Home Assistant)")
        await h.until(lambda: (g := h.goal()) and g.asked_by == "homeassistant")
        await h.until(lambda: h.question() is None)
        assert h.telegram.calls == []


async def test_a_goal_that_is_set_unasked_answers_the_question(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        cheap(h)
        asked = await h.telegram.said(ANNA, "cheap now")
        await h.neighbours.request(SET_GOAL, SetGoal(soc_pct=90), vehicle="zoe")
        await h.telegram.until(lambda: "→ homeassistant: Zoe: 90 %" in asked.text)
        await h.until(lambda: h.question() is None)


async def test_an_answer_on_the_bus_is_shown_in_the_chats(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        cheap(h)
        asked = await h.telegram.said(ANNA, "cheap now")
        await h.until(h.question)
        question = h.question()
        assert question is not None
        assert (await answer(h, question.id, option="soc_100")).accepted
        await h.telegram.until(lambda: "→ Home Assistant: Zoe: 100 %" in asked.text)
        assert asked.buttons == []


@pytest.mark.parametrize("program", [None, "/nowhere/rsvg-convert"])
async def test_the_plans_chart_is_sent_as_a_file_where_nothing_draws_it(
    broker: Broker, tmp_path: Path, program: str | None
) -> None:
    async with house(broker, tmp_path, rsvg_convert=program) as h, h.notifier():
        h.plan()
        await h.settled()
        h.telegram.write(ANNA, "/plan")
        await h.telegram.said(ANNA, "All is well")
        await h.telegram.until(lambda: any(m.file for m in h.telegram.in_chat(ANNA)))
        assert [m.text for m in h.telegram.in_chat(ANNA)] == ["All is well", ""]
        (sent,) = [m.file for m in h.telegram.in_chat(ANNA) if m.file]
        assert sent[:2] == ("plan.svg", "image/svg+xml")


async def answer(h: House, question: str, option: str | None = None, text: str | None = None) -> Result:
    """Answers on the bus."""
    told = await h.neighbours.request(ANSWER, Answer(question=question, option=option, text=text), vehicle="zoe")
    assert isinstance(told, Result)
    return told


async def test_where_librsvg_is_the_chart_is_a_photo(broker: Broker, tmp_path: Path) -> None:
    program = shutil.which("rsvg-convert")
    if program is None:
        pytest.skip("no rsvg-convert here (Debian's package librsvg2-bin)")
    async with house(broker, tmp_path, rsvg_convert=program) as h, h.notifier():
        h.plan()
        await h.settled()
        h.telegram.write(ANNA, "/plan")
        await h.telegram.until(lambda: any(m.file for m in h.telegram.in_chat(ANNA)))
        (sent,) = [m.file for m in h.telegram.in_chat(ANNA) if m.file]
        assert sent[0] == "plan.png"
