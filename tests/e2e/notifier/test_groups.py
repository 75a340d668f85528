"""A family's group: who is meant is answered there, who speaks is checked, and a new id is followed."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ems.runtime import logs
from support.brokers import Broker
from support.chats import ANNA, BEN, STRANGER, House, house
from support.fake_telegram import Sent

GROUP, SUPERGROUP, OTHER = -4001, -1004001004001, -4002
SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)
EN_DE = pytest.mark.parametrize("language", ["en", "de"])


def family(broker: Broker, tmp_path: Path, language: str = "en", **more: Any) -> Any:
    return house(broker, tmp_path, language, groups=(GROUP,), **more)


async def said(h: House, words: str, chat: int = GROUP) -> Sent:
    return await h.telegram.said(chat, words)


@EN_DE
async def test_a_command_with_the_bots_name_works_in_the_group_and_is_answered_there(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with family(broker, tmp_path, language) as h, h.notifier():
        h.car()
        await h.settled()
        written = h.telegram.write(ANNA, "/ziel@House_Bot 80 % morgen um 7", group=GROUP)
        answer = await said(
            h, {"en": "Zoe: 80 % by tomorrow 07:00 (anna)", "de": "Zoe: 80 % bis morgen 07:00 Uhr"}[language]
        )
        assert answer.reply_to == written
        await h.until(lambda: (g := h.goal()) and (g.asked_by, g.departure) == ("anna", SEVEN))
        h.telegram.write(BEN, "/status", group=GROUP)
        await said(h, {"en": "goal: 80 % by", "de": "Ziel: 80 % bis"}[language])
        assert h.telegram.in_chat(ANNA) == h.telegram.in_chat(BEN) == []
        assert h.telegram.surprises == []


async def test_what_is_meant_for_others_is_left_alone(broker: Broker, tmp_path: Path) -> None:
    async with family(broker, tmp_path) as h, h.notifier():
        h.car()
        await h.settled()
        for words in ("80% tomorrow 7am", "/goal@other_bot 90%", "/dance", "@other_bot 90%", "full?", "status"):
            h.telegram.write(ANNA, words, group=GROUP)
        h.telegram.write(ANNA, None, group=GROUP, voice={"file_id": "x", "duration": 3})
        h.telegram.write(ANNA, None, group=GROUP, new_chat_members=[{"id": 5, "is_bot": False, "first_name": "c"}])
        await h.settled()
        assert h.telegram.messages == []
        assert h.goal() is None


async def test_the_bots_name_and_a_reply_to_it_say_who_is_meant(broker: Broker, tmp_path: Path) -> None:
    async with family(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        await h.settled()
        h.telegram.write(ANNA, "@house_bot um 3", group=GROUP)
        asked = await said(h, "Was ist gemeint?")
        assert h.telegram.in_chat(ANNA) == []
        h.telegram.write(ANNA, "/dance@house_bot", group=GROUP)
        await said(h, "/boost")
        h.telegram.write(ANNA, "15 Uhr", group=GROUP, reply_to=asked.message_id)
        full = await said(h, "Wie voll soll Zoe bis 15:00 Uhr werden?")
        await h.pressed(full, "80 %", user=BEN)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.asked_by) == (80, "ben"))
        h.telegram.write(ANNA, None, group=GROUP, reply_to=full.message_id, sticker={"file_id": "x"})
        await said(h, "nur Text lesen")


async def test_who_presses_is_checked(broker: Broker, tmp_path: Path) -> None:
    drivers = {
        "anna": {"vehicles": ["zoe"], "telegram_chat_id": ANNA},
        "ben": {"vehicles": ["ev6"], "telegram_chat_id": BEN},
    }
    async with family(broker, tmp_path, drivers=drivers) as h, h.notifier():
        h.car()
        await h.settled()
        h.telegram.write(ANNA, "/goal@house_bot tomorrow 7am", group=GROUP)
        asked = await said(h, "How full should Zoe be")
        assert "Your number is 6666" in await h.pressed(asked, "100 %", user=STRANGER)
        assert await h.pressed(asked, "100 %", user=BEN) == "You do not drive this car."
        await h.pressed(asked, "80 %", user=ANNA)
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)
        await h.telegram.until(lambda: "→" in asked.text)
        assert await h.pressed(asked, "Undo", user=BEN) == "Somebody else has written that."
        await h.pressed(asked, "Undo", user=ANNA)
        await h.until(lambda: h.goal() is None)


async def test_a_guest_is_told_their_number_once(broker: Broker, tmp_path: Path) -> None:
    async with family(broker, tmp_path) as h, h.notifier():
        h.car()
        await h.settled()
        h.telegram.write(STRANGER, "/goal@house_bot zoe 100%", group=GROUP)
        h.telegram.write(STRANGER, "/goal@house_bot zoe 100%", group=GROUP)
        h.telegram.write(STRANGER, "hello everybody", group=GROUP)
        await said(h, "Your number is 6666")
        await h.settled()
        assert len(h.telegram.messages) == 1
        assert h.goal() is None


async def test_a_group_that_is_not_admitted_is_told_its_number_and_where_it_belongs(
    broker: Broker, tmp_path: Path
) -> None:
    log = io.StringIO()
    logs.configure("notifier", stream=log)
    async with family(broker, tmp_path) as h, h.notifier():
        h.car()
        await h.settled()
        h.telegram.write(STRANGER, "/goal@house_bot zoe 100%", group=OTHER)
        h.telegram.write(ANNA, "hello", group=OTHER)
        h.telegram.write(ANNA, "/goal@house_bot 100%", group=OTHER)
        h.telegram.write(ANNA, "/start@house_bot", group=OTHER)
        told = await said(h, f"This group's id is {OTHER}", OTHER)
        assert "telegram.groups" in told.text
        await h.settled()
        assert h.telegram.messages == [told]
        assert h.goal() is None
    (line,) = [line for line in log.getvalue().splitlines() if "telegram.groups" in line]
    assert json.loads(line)["chat"] == OTHER


@pytest.mark.parametrize("told", [True, False])
async def test_a_group_that_became_a_supergroup_goes_on_and_after_a_restart_too(
    broker: Broker, tmp_path: Path, told: bool
) -> None:
    log = io.StringIO()
    logs.configure("notifier", stream=log)
    async with family(broker, tmp_path) as h:
        async with h.notifier():
            h.car()
            h.telegram.write(ANNA, "/goal tomorrow 7am", group=GROUP)
            await said(h, "How full should Zoe be")
            h.telegram.moved[GROUP] = SUPERGROUP
            h.telegram.chats.add(SUPERGROUP)
            if told:
                h.telegram.write(ANNA, None, group=GROUP, migrate_to_chat_id=SUPERGROUP)
                h.telegram.write(ANNA, None, group=SUPERGROUP, migrate_from_chat_id=GROUP)
                h.telegram.write(ANNA, "/status@house_bot", group=SUPERGROUP)
            else:
                # Written before, read after it has moved.
                h.telegram.write(ANNA, "/status@house_bot", group=GROUP)
            await said(h, "Zoe: 40 %", SUPERGROUP)
        h.car()
        async with h.notifier():
            h.telegram.write(ANNA, "/goal 80% tomorrow 7am", group=SUPERGROUP)
            await said(h, "Zoe: 80 % by", SUPERGROUP)
    assert any(json.loads(x).get("now") == SUPERGROUP for x in log.getvalue().splitlines() if "telegram.groups" in x)


async def test_an_old_order_in_the_group_is_asked_back_there(broker: Broker, tmp_path: Path) -> None:
    async with family(broker, tmp_path) as h:
        h.telegram.write(ANNA, "/goal@house_bot 80% in 2h", group=GROUP)
        h.clock.advance(1800)
        h.car()
        async with h.notifier():
            asked = await said(h, "Still wanted?")
            assert await h.pressed(asked, "Yes", user=BEN) == "Somebody else has written that."
            await h.pressed(asked, "Yes", user=ANNA)
            await h.until(lambda: (g := h.goal()) and g.departure == h.clock.now() + timedelta(minutes=90))
