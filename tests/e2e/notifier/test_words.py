"""What drivers write in their own words, over a strict Bot API and a real broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.people import EventKind, SetGoal
from ems.contract.requests import Result
from ems.contract.topics import SET_GOAL
from support.brokers import Broker
from support.chats import ANNA, BEN, NOON, house

SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)


async def test_a_bare_number_answers_what_was_asked(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.telegram.said(ANNA, "Wann wird das Auto gebraucht?")
        h.telegram.write(ANNA, "18")
        await h.telegram.said(ANNA, "Wie voll soll Zoe bis 18:00 Uhr werden?")
        h.telegram.write(ANNA, "20")
        eighteen = datetime(2026, 11, 18, 17, tzinfo=UTC)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (20, eighteen))


async def test_what_can_be_meant_in_two_ways_is_asked_back_with_buttons(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "en") as h, h.notifier():
        h.car()
        h.telegram.write(ANNA, "80% by seven")
        asked = await h.telegram.said(ANNA, "which is meant?")
        assert [b["text"] for b in asked.buttons] == ["80 % 19:00", "80 % tomorrow 07:00", "Cancel"]
        assert h.goal() is None
        await h.pressed(asked, "80 % tomorrow 07:00")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, SEVEN))


async def test_a_time_that_was_asked_back_is_followed_by_how_full(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.telegram.write(ANNA, "um 3")
        asked = await h.telegram.said(ANNA, "Was ist gemeint?")
        await h.pressed(asked, "morgen 03:00 Uhr")
        await h.telegram.said(ANNA, "Wie voll soll Zoe bis morgen 03:00 Uhr werden?")
        h.telegram.write(ANNA, "doch nicht")
        await h.telegram.said(ANNA, "es bleibt, wie es ist")
        assert h.goal() is None


async def test_words_stand_for_buttons_and_commands(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.telegram.said(ANNA, "Wann wird das Auto gebraucht?")
        h.telegram.write(ANNA, "Status")
        await h.telegram.said(ANNA, "kein Ziel")
        h.telegram.write(ANNA, "keine Eile")
        await h.telegram.said(ANNA, "Wie voll soll Zoe werden?")
        h.telegram.write(ANNA, "egal, 80 reicht")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, None))
        h.telegram.write(ANNA, "Hilfe")
        await h.telegram.said(ANNA, "/boost")
        h.telegram.write(ANNA, "/ziel 90 % morgen früh")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (90, SEVEN))
        h.telegram.write(ANNA, "/boost 2h")
        await h.until(lambda: h.boosts == [("1", 120)])
        assert h.telegram.surprises == []


async def test_a_cars_name_may_stand_anywhere_and_leads_to_that_car(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.telegram.write(BEN, "bitte 80 % morgen um 7 für den EV6")
        await h.until(lambda: (g := h.goal("ev6")) and (g.soc_pct, g.departure) == (80, SEVEN))
        h.telegram.write(BEN, "90 % Zoe in 4h")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (90, NOON + timedelta(hours=4)))


async def test_home_assistant_is_told_what_its_words_may_mean(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "en") as h, h.notifier():
        h.car()
        refused = await h.neighbours.request(SET_GOAL, SetGoal(soc_pct=80, by="um 3"), vehicle="zoe")
        assert isinstance(refused, Result)
        assert refused.reason == "That may mean 15:00 or tomorrow 03:00: please say which."
        taken = await h.neighbours.request(SET_GOAL, SetGoal(soc_pct=80, by="tomorrow 03:00"), vehicle="zoe")
        assert isinstance(taken, Result)
        assert taken.accepted


WORDS: dict[str, list[tuple[str, str, str, str, str]]] = {
    # What is asked, in English; what is written and answered in English; the same in German.
    "": [
        ("status", "Zoe: 40 %", "Status", "Zoe: 40 %", ""),
        ("how full is it?", "Zoe: 40 %", "wie voll?", "Zoe: 40 %", ""),
        ("help!", "/boost", "hilfe", "/boost", ""),
        ("/boost 2h", "until 14:00", "/boost 2h", "bis 14:00 Uhr", "boost"),
        ("/boost 2 hours", "until 14:00", "/boost 2 Stunden", "bis 14:00 Uhr", "boost"),
        ("/boost zoe half an hour", "until 12:30", "/laden zoe eine halbe Stunde", "12:30 Uhr", "boost"),
        ("/boost for the zoe: 45 min", "until 12:45", "/boost 45 min für den Zoe", "12:45 Uhr", "boost"),
        ("/goal", "Zoe: no goal", "/ziel", "Zoe: kein Ziel", ""),
        (
            "/goal 80% tomorrow 7am",
            "Zoe: 80 % by tomorrow 07:00",
            "/ziel 80 % morgen 7 Uhr",
            "Zoe: 80 % bis morgen 07:00 Uhr",
            "goal",
        ),
        (
            "at least 60% for the zoe by Friday 6:30",
            "Zoe: 60 % by Friday 06:30",
            "mindestens 60 für Zoe bis Freitag halb sieben",
            "Zoe: 60 % bis Freitag 06:30 Uhr",
            "goal",
        ),
        (
            "60 is enough tomorrow at 8",
            "60 % by tomorrow 08:00",
            "60 reicht, morgen um 8",
            "60 % bis morgen 08:00 Uhr",
            "goal",
        ),
        ("zoe 80% whenever", "whenever it is cheap", "Zoe 80 %, egal wann", "wenn es günstig ist", "goal"),
        ("80% no hurry", "whenever it is cheap", "80 %, keine Eile", "wenn es günstig ist", "goal"),
        ("never mind", "Zoe: no goal", "doch nicht", "Zoe: kein Ziel", ""),
        ("/goal off", "Zoe: no goal", "/ziel aus", "Zoe: kein Ziel", ""),
    ],
    "When do you need it?": [
        ("no hurry", "How full should Zoe be?", "keine Eile", "Wie voll soll Zoe werden?", ""),
        ("whenever", "How full should Zoe be?", "egal", "Wie voll soll Zoe werden?", ""),
        ("no", "nothing is changed", "nein", "es bleibt, wie es ist", ""),
        ("18", "by 18:00", "18", "bis 18:00 Uhr", ""),
        (
            "the Zoe tomorrow at 7",
            "by tomorrow 07:00",
            "Morgen um 7 brauch ich Zoe",
            "bis morgen 07:00 Uhr",
            "",
        ),
        ("status", "Zoe: 40 %", "Status", "Zoe: 40 %", ""),
    ],
    "Energy is cheap now": [
        ("no", "nothing is changed", "nein", "es bleibt, wie es ist", ""),
        ("no thanks", "nothing is changed", "nein danke", "es bleibt, wie es ist", ""),
        ("now", "until 13:30", "jetzt", "bis 13:30 Uhr", "boost"),
        ("charge now", "until 13:30", "jetzt laden", "bis 13:30 Uhr", "boost"),
        ("70", "70 %, whenever", "70", "70 %, wenn es günstig ist", "goal"),
        ("full", "100 %, whenever", "voll", "100 %, wenn es günstig ist", "goal"),
    ],
}
GERMAN = {
    "When do you need it?": "Wann wird das Auto gebraucht?",
    "Energy is cheap now": "Strom ist jetzt günstig",
    "": "",
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("asked", WORDS)
async def test_what_people_write_does_what_it_says(broker: Broker, tmp_path: Path, asked: str, language: str) -> None:
    async with house(broker, tmp_path, language) as h:
        for number, (en, en_answer, de, de_answer, effect) in enumerate(WORDS[asked]):
            written, answer = (en, en_answer) if language == "en" else (de, de_answer)
            h.settings = h.settings.model_copy(update={"state_dir": tmp_path / f"state{number}"})
            h.telegram.messages.clear()
            h.boosts.clear()
            h.car()
            h.plug()
            h.prices(0.1 if asked.startswith("Energy") else 0.3)
            h.telegram.calls.clear()
            async with h.notifier() as bus:
                await h.telegram.until(lambda: "getUpdates" in h.telegram.calls)
                await bus.subscribed()
                await h.settled()
                if asked.startswith("When"):
                    h.event(EventKind.PLUGGED_IN)
                if asked:
                    await h.telegram.said(ANNA, asked if language == "en" else GERMAN[asked])
                h.telegram.write(ANNA, written)
                try:
                    await h.telegram.said(ANNA, answer)
                except AssertionError as why:
                    raise AssertionError(f"{written}: {why}") from None
                assert bool(h.boosts) is (effect == "boost"), written
                if effect == "goal":
                    await h.until(h.goal)
                await h.settled()
                assert bool(h.goal()) is (effect == "goal"), written
                await h.neighbours.request(SET_GOAL, SetGoal(), vehicle="zoe")
        assert h.telegram.surprises == []


@pytest.mark.parametrize("language", ["en", "de"])
async def test_which_car_is_asked_with_buttons_and_answered_by_a_press_or_a_name(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    which = "Which car?" if language == "en" else "Welches Auto?"
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.car("ev6")
        h.plug()
        h.plug("ev6", 2)
        await h.settled()
        h.telegram.write(BEN, "80% tomorrow 7am" if language == "en" else "80 % morgen um 7")
        asked = await h.telegram.said(BEN, which)
        assert [b["text"] for b in asked.buttons] == ["Zoe", "Ev6"]
        await h.pressed(asked, "Ev6")
        await h.until(lambda: (g := h.goal("ev6")) and (g.soc_pct, g.departure, g.asked_by) == (80, SEVEN, "ben"))
        await h.telegram.until(lambda: "→ Ev6" in asked.text)
        h.telegram.write(BEN, "/boost 2h")
        await h.telegram.until(lambda: len([m for m in h.telegram.in_chat(BEN) if m.text == which]) == 1)
        h.telegram.write(BEN, "den Zoe" if language == "de" else "the Zoe")
        await h.until(lambda: h.boosts == [("1", 120)])
        # Until that stands below it the last question reads like the next one.
        await h.telegram.until(lambda: any(m.text == f"{which}\n→ Zoe" for m in h.telegram.in_chat(BEN)))
        h.telegram.write(BEN, "zoe or ev6 90%" if language == "en" else "zoe oder ev6 90 %")
        await h.telegram.until(lambda: any(m.text == which for m in h.telegram.in_chat(BEN)))
        h.telegram.write(BEN, "no" if language == "en" else "nein")
        await h.telegram.said(BEN, "nothing is changed" if language == "en" else "es bleibt, wie es ist")
        h.telegram.write(BEN, "bananas")
        await h.telegram.said(BEN, "I did not understand" if language == "en" else "nicht verstanden")
        await h.settled()
        assert h.goal() is None


async def test_ja_says_that_an_old_order_is_still_wanted(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h:
        h.telegram.write(BEN, "80 % in 3 Stunden")
        h.clock.advance(1800)
        h.car()
        async with h.notifier():
            asked = await h.telegram.said(BEN, "Welches Auto?")
            assert "„80 % in 3 Stunden“" in asked.text
            h.telegram.write(BEN, "ev6")
            await h.until(lambda: (g := h.goal("ev6")) and g.departure == NOON + timedelta(hours=3))
        h.telegram.write(BEN, "ev6 90 % in 3 Stunden")
        h.clock.advance(1800)
        h.car()
        async with h.notifier():
            await h.telegram.said(BEN, "Noch gewünscht?")
            await h.settled()
        h.telegram.write(BEN, "ja")
        h.clock.advance(1800)
        h.car()
        async with h.notifier():
            await h.telegram.said(BEN, "Beantwortet, als ich weg war.")
            await h.telegram.until(lambda: h.telegram.in_chat(BEN)[-1].buttons)
            goal = h.goal("ev6")
            assert goal is not None
            assert goal.soc_pct == 80
            h.telegram.write(BEN, "ja bitte")
            await h.until(lambda: (g := h.goal("ev6")) and g.soc_pct == 90)
