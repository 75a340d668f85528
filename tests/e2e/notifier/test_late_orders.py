"""What is read long after it was written or pressed is not carried out, but asked back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.people import EventKind
from support.brokers import Broker
from support.bus import raw
from support.chats import ANNA, BEN, NOON, House, house

EN_DE = pytest.mark.parametrize("language", ["en", "de"])
OUTAGE_S = 40 * 60
NIGHT = {"start": "21:00", "end": "06:00"}


def pick(language: str, en: str, de: str) -> str:
    return en if language == "en" else de


def parked(h: House) -> None:
    h.car()
    h.plug()


@EN_DE
async def test_relative_times_count_from_when_they_were_written(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h:
        h.telegram.write(ANNA, pick(language, "80% in 2 hours", "80 % in 2 Stunden"))
        h.clock.advance(14 * 60)
        parked(h)
        async with h.notifier():
            await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, NOON + timedelta(hours=2)))
            await h.telegram.said(ANNA, pick(language, "by 14:00", "bis 14:00 Uhr"))


@EN_DE
async def test_an_old_order_is_asked_back_and_yes_means_what_was_meant_then(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h:
        h.telegram.write(ANNA, pick(language, "80% in 2 hours", "80 % in 2 Stunden"))
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            asked = await h.telegram.said(ANNA, pick(language, "Still wanted?", "Noch gewünscht?"))
            assert asked.text == pick(
                language,
                "Written 12:00, read only now: “80% in 2 hours”. Zoe: 80 % by 14:00 (anna). Still wanted?",
                "Geschrieben 12:00 Uhr, erst jetzt gelesen: „80 % in 2 Stunden“. "
                "Zoe: 80 % bis 14:00 Uhr (anna). Noch gewünscht?",
            )
            assert [b["text"] for b in asked.buttons] == pick(language, "Yes|No", "Ja|Nein").split("|")
            await h.settled()
            assert h.goal() is None
            await h.pressed(asked, pick(language, "Yes", "Ja"))
            await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, NOON + timedelta(hours=2)))
            await h.telegram.until(lambda: pick(language, "→ Yes", "→ Ja") in asked.text)
            assert asked.buttons == []
            done = await h.telegram.said(ANNA, pick(language, "Zoe: 80 % by", "Zoe: 80 % bis"))
            assert [b["text"] for b in done.buttons] == pick(language, "Change|Undo", "Ändern|Rückgängig").split("|")
            assert h.telegram.surprises == []


async def test_no_changes_nothing_and_a_yes_too_late_says_so(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.write(ANNA, "zoe 80% in 2h")
        h.telegram.write(BEN, "zoe 90% in 1h")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            anna, ben = await h.telegram.said(ANNA, "Still wanted?"), await h.telegram.said(BEN, "Still wanted?")
            await h.pressed(anna, "No")
            await h.telegram.until(lambda: "→ No; nothing is changed." in anna.text)
            h.clock.advance(1800)
            parked(h)
            h.telegram.write(ANNA, "/help")
            await h.telegram.said(ANNA, "/boost")
            await h.settled()
            await h.pressed(ben, "Yes")
            await h.telegram.said(BEN, "read only now: That moment has passed.")
            await h.settled()
            assert h.goal() is None


async def test_what_was_over_before_it_was_read_is_said_without_a_question(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h:
        h.telegram.write(ANNA, "80 % in 30 min")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            said = await h.telegram.said(ANNA, "Geschrieben 12:00 Uhr")
            assert said.text.endswith("erst jetzt gelesen: Dieser Zeitpunkt ist vorbei.")
            assert said.buttons == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/boost 2h", "Zoe: full power until 14:00"),
        ("/ziel 90 % morgen um 7", "Zoe: 90 % by tomorrow 07:00"),
        ("tomorrow at 7", "Zoe: By tomorrow 07:00."),
        ("80% by seven", "Zoe: 80 % 19:00 or 80 % tomorrow 07:00"),
        ("/goal off", "Zoe: no goal"),
        ("doch nicht", "Zoe: no goal"),
        ("/mute 3h", "Silence until 15:00"),
        ("/mute off", "End the silence"),
    ],
)
async def test_everything_that_orders_is_asked_back(broker: Broker, tmp_path: Path, written: str, meant: str) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.write(ANNA, written)
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            asked = await h.telegram.said(ANNA, "Still wanted?")
            assert meant in asked.text
            await h.settled()
            assert (h.goal(), h.boosts) == (None, [])
            await h.pressed(asked, "Yes")
            await h.telegram.until(lambda: "→ Yes" in asked.text)


async def test_an_old_boost_lasts_until_it_would_have_ended(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.write(ANNA, "/boost 2h")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            await h.pressed(await h.telegram.said(ANNA, "Still wanted?"), "Yes")
            await h.telegram.said(ANNA, "at full power until 14:00")
            assert h.boosts == [("1", 80)]


async def test_what_orders_nothing_is_answered_at_once_and_once(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        for _ in range(5):
            for words in ("/status", "Hilfe", "/goal", "/soc 55", "what?"):
                h.telegram.write(ANNA, words)
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            await h.telegram.said(ANNA, "Zoe: 40 %, plugged in, no goal")
            await h.telegram.said(ANNA, "Zoe is at 55 %.")
            await h.telegram.said(ANNA, "Written 12:00, read only now: I did not understand that.")
            await h.settled()
            texts = [m.text for m in h.telegram.in_chat(ANNA)]
            assert len(texts) == len(set(texts)) == 5


async def test_of_old_orders_about_the_same_the_newest_is_asked_back(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, drivers={"ben": {"vehicles": ["zoe", "ev6"], "telegram_chat_id": BEN}}) as h:
        for number in range(100):
            h.telegram.write(BEN, f"zoe {number % 50 + 50}% tomorrow 7am")
        h.telegram.write(BEN, "ev6 60% tomorrow 8am")
        h.telegram.write(BEN, "/boost zoe 3h")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            await h.telegram.said(BEN, "full power until", within_s=30)
            await h.settled()
            assert [m.text.split("”")[0].split("“")[1] for m in h.telegram.in_chat(BEN)] == [
                "zoe 99% tomorrow 7am",
                "ev6 60% tomorrow 8am",
                "/boost zoe 3h",
            ]
            assert h.telegram.confirmed


async def test_an_old_answer_to_a_question_is_asked_back(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            parked(h)
            h.event(EventKind.PLUGGED_IN)
            await h.telegram.said(ANNA, "When do you need it?")
            await h.telegram.said(BEN, "When do you need it?")
        h.telegram.write(ANNA, "18")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            asked = await h.telegram.said(ANNA, "Still wanted?")
            assert "Zoe: By 18:00." in asked.text
            await h.pressed(asked, "Yes")
            await h.telegram.said(ANNA, "How full should Zoe be by 18:00?")


async def test_an_old_order_survives_a_crash_and_is_asked_back_once(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.write(ANNA, "80% tomorrow 7am")
        h.clock.advance(OUTAGE_S)
        parked(h)
        h.telegram.too_many = [60]
        async with h.notifier():
            await h.telegram.until(lambda: h.telegram.confirmed)
            await h.settled()
            assert h.telegram.in_chat(ANNA) == []
        h.telegram.too_many = []
        async with h.notifier():
            asked = await h.telegram.said(ANNA, "Still wanted?")
            await h.settled()
        async with h.notifier():
            await h.settled()
            assert h.telegram.in_chat(ANNA) == [asked]
            query = await h.pressed(asked, "Yes")
            assert query == "Yes"
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)


async def test_at_night_an_old_order_is_asked_back_without_a_sound(broker: Broker, tmp_path: Path) -> None:
    at = datetime(2026, 11, 18, 22, tzinfo=UTC)
    async with house(broker, tmp_path, at=at, quiet_hours=NIGHT) as h:
        h.telegram.write(ANNA, "80% tomorrow 7am")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            assert (await h.telegram.said(ANNA, "Still wanted?")).silent


async def test_an_old_code_is_neither_used_nor_kept(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            h.car()
            h.event(EventKind.LOGIN_NEEDED, en="the cloud wants a code.", step="code", provider="renault")
            await h.pressed(await h.telegram.said(ANNA, "Should a code be sent"), "Send a code")
            await h.telegram.said(ANNA, "Please write it here")
        h.telegram.write(ANNA, "4711")
        h.clock.advance(20 * 60)
        async with h.notifier():
            await h.telegram.said(ANNA, "is too old. Please ask for a new one.")
            await h.settled()
        assert h.codes == [None]
        assert b"4711" not in b"".join(p.read_bytes() for p in (tmp_path / "state").iterdir())


async def test_a_button_that_was_pressed_while_we_were_away_is_to_be_pressed_once_more(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            parked(h)
            h.prices(0.1)
            asked = await h.telegram.said(ANNA, "cheap now")
            await h.telegram.said(BEN, "cheap now")
            await h.settled()
        h.telegram.press(ANNA, asked, asked.data("Charge now"))
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            await h.telegram.until(lambda: "→ Pressed while I was away" in asked.text)
            assert asked.buttons == []
            await h.telegram.until(lambda: len(h.telegram.in_chat(ANNA)) == 2)
            await h.settled()
            assert h.boosts == []
            again = h.telegram.in_chat(ANNA)[-1]
            await h.pressed(again, "Charge now")
            assert h.boosts == [("1", 90)]
            assert len(h.telegram.in_chat(BEN)) == 1


async def test_a_button_is_not_late_when_telegram_was_heard_until_just_before(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            parked(h)
            h.prices(0.1)
            asked = await h.telegram.said(ANNA, "cheap now")
            h.clock.advance(3600)
            parked(h)
            h.telegram.write(ANNA, "/help")
            await h.telegram.said(ANNA, "/boost")
            await h.settled()
        h.telegram.press(ANNA, asked, asked.data("80 %"))
        h.clock.advance(600)
        parked(h)
        async with h.notifier():
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)


async def test_undo_that_was_pressed_while_we_were_away_is_to_be_pressed_once_more(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        async with h.notifier():
            parked(h)
            h.telegram.write(ANNA, "80% tomorrow 7am")
            done = await h.telegram.said(ANNA, "Zoe: 80 %")
        h.telegram.press(ANNA, done, done.data("Undo"))
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            again = await h.telegram.said(ANNA, "Pressed while I was away")
            assert "Zoe: 80 % by tomorrow 07:00" in again.text
            assert h.goal() is not None
            await h.pressed(again, "Undo")
            await h.until(lambda: h.goal() is None)


async def test_a_yes_that_was_pressed_while_we_were_away_is_to_be_pressed_once_more(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h:
        h.telegram.write(ANNA, "80% tomorrow 7am")
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            asked = await h.telegram.said(ANNA, "Still wanted?")
            await h.settled()
        h.telegram.press(ANNA, asked, asked.data("Yes"))
        h.clock.advance(OUTAGE_S)
        parked(h)
        async with h.notifier():
            await h.telegram.until(lambda: "→ Pressed while I was away" in asked.text)
            await h.telegram.until(lambda: len(h.telegram.in_chat(ANNA)) == 2)
            await h.settled()
            assert h.goal() is None
            await h.pressed(h.telegram.in_chat(ANNA)[-1], "Yes")
            await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)


async def test_a_command_on_the_bus_that_nobody_heard_is_not_carried_out_later(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, raw(broker.settings()) as hand:
        parked(h)
        await hand.publish("evcc/ems/goal/zoe/set", b'{"v":1,"soc_pct":90}')
        await hand.publish("evcc/ems/goal/ev6/set", b'{"v":1,"soc_pct":90}', retain=True)
        async with h.notifier():
            refused = await hand.wait_for("evcc/ems/goal/ev6/result")
            assert b"send it without retain" in refused
            await h.settled()
            assert (h.goal("zoe"), h.goal("ev6")) == (None, None)
