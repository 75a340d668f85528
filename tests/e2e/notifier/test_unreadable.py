"""Who sends no text is answered, in their language; what nobody has said is not, and nothing that is new breaks us."""

from pathlib import Path
from typing import Any

import pytest

from support.brokers import Broker
from support.chats import ANNA, house

FILE = {"file_id": "x", "file_unique_id": "y"}
PLACE = {"latitude": 50.1, "longitude": 8.7}
KINDS: dict[str, Any] = {
    "voice": FILE | {"duration": 3},
    "video_note": FILE | {"duration": 3, "length": 240},
    "audio": FILE | {"duration": 3},
    "photo": [FILE | {"width": 90, "height": 90}],
    "sticker": FILE | {"width": 90, "height": 90, "type": "regular"},
    "animation": FILE,
    "video": FILE,
    "document": FILE,
    "location": PLACE,
    "venue": {"location": PLACE, "title": "Home", "address": "here"},
    "contact": {"phone_number": "1", "first_name": "c"},
    "poll": {"id": "1", "question": "full?", "options": []},
    "dice": {"emoji": "🎲", "value": 3},
    "story": {"chat": {"id": 1, "type": "private"}, "id": 1},
    "paid_media": {"star_count": 1, "paid_media": []},
    "something_of_next_year": {"a": 1},
}
NOTES: dict[str, Any] = {
    "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": ANNA, "type": "private"}},
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 86400},
    "write_access_allowed": {},
}


@pytest.mark.parametrize(("language", "words"), [("en", "I can only read text"), ("de", "Ich kann nur Text lesen")])
async def test_whatever_is_no_text_is_answered(broker: Broker, tmp_path: Path, language: str, words: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        for count, (kind, content) in enumerate(KINDS.items(), 1):
            h.telegram.write(ANNA, None, **{kind: content})
            await h.telegram.until(lambda count=count: len(h.telegram.in_chat(ANNA)) == count)
            assert words in h.telegram.in_chat(ANNA)[-1].text, kind
        assert h.goal() is None
        assert h.telegram.surprises == []


async def test_an_album_is_answered_once_and_a_forwarded_order_is_none(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        for _ in range(4):
            h.telegram.write(ANNA, None, photo=KINDS["photo"], media_group_id="77")
        await h.telegram.said(ANNA, "I can only read text")
        h.telegram.write(ANNA, "/goal zoe 90%", forward_origin={"type": "hidden_user", "date": 1})
        await h.telegram.said(ANNA, "A forwarded message is no order")
        await h.settled()
        assert len(h.telegram.in_chat(ANNA)) == 2
        assert h.goal() is None


async def test_words_below_a_picture_are_words(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        h.telegram.write(ANNA, None, photo=KINDS["photo"], caption="80% tomorrow 7am")
        await h.telegram.said(ANNA, "Zoe: 80 % by tomorrow 07:00")


async def test_what_telegram_notes_and_updates_of_new_kinds_break_nothing(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        for kind, content in NOTES.items():
            h.telegram.write(ANNA, None, **{kind: content})
        h.telegram.force({"message_reaction": {"chat": {"id": ANNA}}})
        h.telegram.force({"message": {"message_id": "strange"}})
        h.telegram.force({"edited_message": {"message_id": 1}})
        h.telegram.force({})
        h.telegram.write(ANNA, "/help")
        await h.telegram.said(ANNA, "/boost")
        await h.settled()
        assert len(h.telegram.in_chat(ANNA)) == 1
        assert h.telegram.confirmed


async def test_after_a_week_without_updates_their_numbers_may_begin_anew(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        h.telegram.number_from(2_000_000_000)
        h.telegram.write(ANNA, "/help")
        await h.telegram.said(ANNA, "/boost")
        await h.settled()
        h.telegram.number_from(1_000_000)
        h.telegram.write(ANNA, "80% tomorrow 7am")
        await h.telegram.said(ANNA, "Zoe: 80 %")
        await h.settled()
        h.telegram.repeat_last()
        h.telegram.write(ANNA, "/status")
        await h.telegram.said(ANNA, "goal: 80 %")
        await h.settled()
        assert len(h.telegram.in_chat(ANNA)) == 3
