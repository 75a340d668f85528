"""The Bot API of the tests refuses what the real one refuses (python-telegram-bot 22.8 agreed with it, by hand)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from ems.runtime.errors import TransientError
from notifier.adapters.telegram_api import (
    Attachment,
    Blocked,
    OtherPoller,
    Rejected,
    Telegram,
    TooMany,
    Unauthorized,
)
from support.clouds import served
from support.fake_telegram import TOKEN, FakeTelegram

ME = 1001


@asynccontextmanager
async def bot(token: str = TOKEN, poll_s: float = 5) -> AsyncGenerator[tuple[FakeTelegram, Telegram]]:
    fake = FakeTelegram(ME)
    async with served(fake.app()) as url, aiohttp.ClientSession() as http:
        yield fake, Telegram(http, SecretStr(token), url, poll_s=poll_s)


async def test_updates_come_until_they_are_confirmed() -> None:
    async with bot() as (fake, telegram):
        fake.write(ME, "one")
        fake.write(ME, "two")
        first, second = await telegram.updates(0)
        assert (await telegram.updates(first.update_id)) == [first, second]
        assert (await telegram.updates(first.update_id + 1)) == [second]
        assert second.message is not None
        assert second.message.text == "two"


async def test_a_question_for_news_waits_until_there_are_some() -> None:
    async with bot() as (fake, telegram):
        waiting = asyncio.create_task(telegram.updates(0))
        await asyncio.wait({waiting}, timeout=0.2)
        assert not waiting.done()
        fake.write(ME, "one")
        assert len(await waiting) == 1


async def test_a_second_poller_ends_the_first_with_409() -> None:
    async with bot(poll_s=0.5) as (_, telegram):
        first = asyncio.create_task(telegram.updates(0))
        await asyncio.wait({first}, timeout=0.1)
        await telegram.updates(0)
        with pytest.raises(OtherPoller):
            await first


async def test_a_webhook_is_a_conflict_until_it_is_deleted() -> None:
    async with bot(poll_s=0) as (fake, telegram):
        fake.webhook = "https://elsewhere.example"
        with pytest.raises(OtherPoller):
            await telegram.updates(0)
        await telegram.begin({})
        assert await telegram.updates(0) == []


async def test_buttons_carry_1_to_64_bytes() -> None:
    async with bot() as (fake, telegram):
        await telegram.send(ME, "x", [[("A", "ü" * 32)]])
        for data in ("", "ü" * 33):
            with pytest.raises(Rejected, match="BUTTON_DATA_INVALID"):
                await telegram.send(ME, "x", [[("A", data)]])
        assert len(fake.messages) == 1


async def test_kinds_of_news_that_were_not_asked_for_do_not_come() -> None:
    async with bot(poll_s=0) as (fake, telegram):
        await telegram.updates(0)
        fake._tell("channel_post", {"message_id": 1})
        assert await telegram.updates(0) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"too_many": [7]}, TooMany),
        ({"blocked": {ME}}, Blocked),
        ({"chats": set()}, Rejected),
        ({"unauthorized": True}, Unauthorized),
    ],
)
async def test_each_refusal_says_what_to_do_and_none_says_the_token(
    change: dict[str, Any], error: type[Exception]
) -> None:
    async with bot() as (fake, telegram):
        for name, value in change.items():
            setattr(fake, name, value)
        with pytest.raises(error) as raised:
            await telegram.send(ME, "x")
        assert "canary" not in str(raised.value)
        if isinstance(raised.value, TooMany):
            assert raised.value.retry_after_s == 7


async def test_an_error_of_the_connection_does_not_say_the_token() -> None:
    async with aiohttp.ClientSession() as http:
        telegram = Telegram(http, SecretStr(TOKEN), "http://127.0.0.1:1")
        with pytest.raises(TransientError) as raised:
            await telegram.updates(0)
    assert "canary" not in repr(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


async def test_a_long_text_is_cut_and_a_file_arrives_whole() -> None:
    async with bot() as (fake, telegram):
        await telegram.send(ME, "x" * 5000)
        await telegram.send_file(ME, Attachment("plan.svg", b"<svg/>", "image/svg+xml", photo=False))
        with pytest.raises(Rejected):
            await telegram.send_file(ME, Attachment("plan.png", b"<svg/>", "image/png", photo=True))
        assert len(fake.messages[0].text) == 4096
        assert fake.messages[1].file == ("plan.svg", "image/svg+xml", b"<svg/>")


async def test_news_that_are_not_what_telegram_sends_are_passed_over() -> None:
    async with bot() as (fake, telegram):
        fake._updates = [{"update_id": 5, "message": "nonsense"}, {"update_id": 6, "callback_query": {"id": 1}}]
        assert [(u.update_id, u.message, u.callback_query) for u in await telegram.updates(0)] == [
            (5, None, None),
            (6, None, None),
        ]
