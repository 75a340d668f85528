"""Whole conversations in both languages, over a strict Bot API and a real broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.control import BatteryAction
from ems.contract.message import Text
from ems.contract.people import EventKind, SetGoal
from ems.contract.plan import Explanation
from ems.contract.requests import Result
from ems.contract.site import BatteryMode
from ems.contract.topics import SET_GOAL
from support.brokers import Broker
from support.chats import ANNA, BEN, NOON, House, house

EN_DE = pytest.mark.parametrize("language", ["en", "de"])


def pick(language: str, en: str, de: str) -> str:
    return en if language == "en" else de


@EN_DE
async def test_a_charge_inquiry_is_asked_once_of_both_drivers_and_the_first_answer_counts(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.prices(0.33, cheap_in=timedelta(hours=2))
        words = pick(
            language,
            "Energy is cheap from 14:00 on (15.0 ct/kWh)",
            "Strom ist ab 14:00 Uhr günstig (15,0 ct/kWh)",
        )
        anna, ben = await h.telegram.said(ANNA, words), await h.telegram.said(BEN, words)
        await h.until(lambda: h.events.count((EventKind.CHEAP_AHEAD, "zoe")) == 1)
        assert "Zoe (40 %)" in anna.text
        assert [b["text"] for b in anna.buttons] == pick(
            language, "80 %|100 %|Other …|Charge now|No", "80 %|100 %|Andere …|Jetzt laden|Nein"
        ).split("|")
        shown = await h.pressed(anna, "80 %")
        assert shown == pick(
            language, "Zoe: 80 %, whenever it is cheap (anna)", "Zoe: 80 %, wenn es günstig ist (anna)"
        )
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure, g.asked_by) == (80, None, "anna"))
        for sent in (anna, ben):
            await h.telegram.until(lambda sent=sent: f"→ Anna: {shown}" in sent.text)
        assert [b["text"] for b in anna.buttons] == pick(language, "Change|Undo", "Ändern|Rückgängig").split("|")
        assert ben.buttons == []
        # It is cleared with the goal; but what arrives at Telegram has not arrived on the bus for that.
        await h.until(lambda: h.question() is None)
        assert h.telegram.surprises == []


@EN_DE
async def test_another_value_is_asked_for_and_corrected_and_undone(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.prices(0.1)
        asked = await h.telegram.said(ANNA, pick(language, "Energy is cheap now", "Strom ist jetzt günstig"))
        await h.pressed(asked, pick(language, "Other …", "Andere …"))
        await h.telegram.said(ANNA, pick(language, "Choose, or write a number", "oder eine Zahl schreiben"))
        h.telegram.write(ANNA, pick(language, "rather a lot", "ziemlich viel"))
        await h.telegram.said(ANNA, pick(language, "I did not understand", "nicht verstanden"))
        h.telegram.write(ANNA, "65")
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 65)
        done = await h.telegram.said(ANNA, "→ Anna: Zoe: 65 %")
        await h.pressed(done, pick(language, "Change", "Ändern"))
        await h.telegram.said(ANNA, pick(language, "how full, and by when?", "Wie voll, und bis wann?"))
        h.telegram.write(ANNA, pick(language, "90 % tomorrow 7am", "90 % morgen früh"))
        seven = datetime(2026, 11, 19, 6, tzinfo=UTC)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (90, seven))
        by = pick(language, "by tomorrow 07:00", "bis morgen 07:00 Uhr")
        done = await h.telegram.said(ANNA, f"→ Anna: Zoe: 90 % {by} (anna)")
        await h.pressed(done, pick(language, "Undo", "Rückgängig"))
        await h.until(lambda: h.goal() is None)
        await h.telegram.said(ANNA, pick(language, "Zoe: no goal", "Zoe: kein Ziel"))


@EN_DE
async def test_charge_now_boosts_and_no_changes_nothing(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.prices(0.1)
        asked = await h.telegram.said(ANNA, pick(language, "cheap now", "jetzt günstig"))
        shown = await h.pressed(asked, pick(language, "Charge now", "Jetzt laden"))
        assert shown == pick(
            language,
            "Zoe charges at full power until 13:30.",
            "Zoe lädt bis 13:30 Uhr mit voller Leistung.",
        )
        assert h.boosts == [("1", 90)]
        h.clock.advance(5 * 3600)
        h.car()
        h.plug()
        h.prices(0.33, cheap_in=timedelta(hours=3))
        again = await h.telegram.said(ANNA, pick(language, "cheap from 20:00 on", "ab 20:00 Uhr"))
        await h.pressed(again, pick(language, "No", "Nein"))
        await h.telegram.until(lambda: pick(language, "nothing is changed", "es bleibt, wie es ist") in again.text)
        assert h.goal() is None


@EN_DE
async def test_who_plugs_in_is_asked_when_and_how_full(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        asked = await h.telegram.said(ANNA, pick(language, "When do you need it?", "Wann wird das Auto gebraucht?"))
        await h.pressed(asked, pick(language, "Tomorrow morning", "Morgen früh"))
        full = await h.telegram.said(
            ANNA,
            pick(
                language, "How full should Zoe be by tomorrow 07:00?", "Wie voll soll Zoe bis morgen 07:00 Uhr werden?"
            ),
        )
        assert not [m for m in h.telegram.in_chat(BEN) if m.text == full.text], "Anna is in the middle of it"
        await h.pressed(full, "100 %")
        await h.until(
            lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (100, datetime(2026, 11, 19, 6, tzinfo=UTC))
        )
        h.event(EventKind.PLUGGED_IN)
        await h.settled()
        assert len([m for m in h.telegram.in_chat(ANNA) if pick(language, "When", "Wann") in str(m.history)]) == 1


@EN_DE
async def test_free_words_answer_all_at_once(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.telegram.said(ANNA, pick(language, "When do you need it?", "Wann wird das Auto gebraucht?"))
        h.telegram.write(ANNA, pick(language, "75% on Friday at 6:30", "75 % am Freitag um halb 7"))
        await h.telegram.said(
            ANNA,
            pick(
                language, "→ Anna: Zoe: 75 % by Friday 06:30 (anna)", "→ Anna: Zoe: 75 % bis Freitag 06:30 Uhr (anna)"
            ),
        )
        await h.until(lambda: (g := h.goal()) and g.departure == datetime(2026, 11, 20, 5, 30, tzinfo=UTC))


@EN_DE
async def test_a_login_code_goes_from_the_chat_to_the_cloud_and_nowhere_else(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.event(EventKind.LOGIN_NEEDED, en="the cloud wants a code.", step="code", provider="renault")
        asked = await h.telegram.said(ANNA, pick(language, "Should a code be sent", "ein Code geschickt werden"))
        await h.pressed(asked, pick(language, "Send a code", "Code senden"))
        await h.telegram.said(ANNA, pick(language, "Please write it here", "Bitte hier eingeben"))
        h.telegram.write(ANNA, "0815")
        await h.telegram.said(
            ANNA, pick(language, "did not work: the code is wrong", "nicht geklappt: the code is wrong")
        )
        h.telegram.write(ANNA, "4711")
        await h.telegram.said(ANNA, pick(language, "Zoe: logged in.", "Zoe: angemeldet."))
        assert h.codes == [None, "0815", "4711"]
        await h.settled()
        stored = b"".join(p.read_bytes() for p in (tmp_path / "state").iterdir())
        assert b"4711" not in stored
        assert b"0815" not in stored


@EN_DE
async def test_cars_are_swapped_when_one_is_done_and_the_other_must_leave(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car("zoe", 81)
        h.plug("zoe", soc_pct=81)
        h.car("ev6", 20)
        await _set_goal(h, "ev6", 80, NOON + timedelta(hours=20))
        words = pick(
            language, "Zoe (81 %) is done, and Ev6 (20 %) needs the charger", "Zoe (81 %) ist fertig, und Ev6 (20 %)"
        )
        anna, ben = await h.telegram.said(ANNA, words), await h.telegram.said(BEN, words)
        await h.until(lambda: h.events.count((EventKind.SWAP_CARS, "ev6")) == 1)
        await h.pressed(anna, pick(language, "Swapped", "Getauscht"))
        await h.telegram.until(lambda: pick(language, "Anna: Thank you!", "Anna: Danke!") in ben.text)


@EN_DE
async def test_news_is_told_once_in_the_drivers_language(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car(soc_pct=50)
        told = (
            (EventKind.CHARGED, "zoe", "zoe is charged"),
            (EventKind.BOOST_ENDED, "zoe", "the boost is over"),
            (EventKind.CONTROL_LOST, None, "evcc does not answer"),
            (EventKind.CONTROL_BACK, None, "evcc answers again"),
            (EventKind.DEADLINE_AT_RISK, "zoe", "70 % only"),
        )
        for kind, vehicle, words in told:
            for _ in range(3):
                h.event(kind, vehicle, words)
        for _, _, words in told:
            await h.telegram.said(ANNA, words)
        await h.settled()
        said = "\n".join(m.text for m in h.telegram.in_chat(ANNA))
        for _, _, words in told:
            whole = pick(language, words, f"{words} (deutsch)")
            assert said.count(whole) == 1, said


@EN_DE
async def test_a_car_with_a_goal_is_to_be_plugged_in_before_the_cheap_hours(
    broker: Broker, tmp_path: Path, language: str
) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug(None)
        await _set_goal(h, "zoe", 80, NOON + timedelta(hours=20))
        h.prices(0.33, cheap_in=timedelta(hours=2))
        await h.telegram.said(ANNA, pick(language, "Please plug in Zoe (40 %)", "Bitte Zoe (40 %) einstecken"))
        await h.until(lambda: h.events.count((EventKind.PLEASE_PLUG_IN, "zoe")) == 1)


@EN_DE
async def test_every_command_has_its_answer(broker: Broker, tmp_path: Path, language: str) -> None:
    async with house(broker, tmp_path, language) as h, h.notifier():
        h.car()
        h.plug()
        h.car("ev6", None)
        await h.until(lambda: h.telegram.commands.get("de"))
        for written, words in (
            ("/start", pick(language, "Hello Anna!", "Hallo Anna!")),
            ("/help", "/boost"),
            ("/status", pick(language, "Zoe: 40 %, plugged in, no goal", "Zoe: 40 %, eingesteckt, kein Ziel")),
            ("/boost 30", pick(language, "until 12:30", "bis 12:30 Uhr")),
            ("/boost zoe 45", pick(language, "until 12:45", "bis 12:45 Uhr")),
            ("/boost 0", pick(language, "From 1 to 1440", "1 bis 1440")),
            ("/stop", pick(language, "No boost is running", "Es läuft kein Boost")),
            ("/soc 55", pick(language, "Zoe is at 55 %", "Zoe steht bei 55 %")),
            ("/soc full", pick(language, "A number from 0 to 100", "Bitte eine Zahl")),
            (
                "/goal 70% tomorrow 7am",
                pick(language, "Zoe: 70 % by tomorrow 07:00", "Zoe: 70 % bis morgen 07:00 Uhr"),
            ),
            ("/goal", pick(language, "07:00 (anna)", "07:00 Uhr (anna)")),
            ("/goal off", pick(language, "Zoe: no goal", "Zoe: kein Ziel")),
            ("/plan", pick(language, "no valid plan", "keinen gültigen Plan")),
            ("/mute 3h", pick(language, "Silence until 15:00", "Ruhe bis 15:00 Uhr")),
            ("/mute off", pick(language, "hear from me again", "hörst wieder")),
            ("/mute banana", pick(language, "For how long?", "Wie lange?")),
            ("/dance", "/mute"),
        ):
            before = len(h.telegram.in_chat(ANNA))
            h.telegram.write(ANNA, written)
            await h.telegram.until(lambda before=before: len(h.telegram.in_chat(ANNA)) > before)
            assert words in h.telegram.in_chat(ANNA)[-1].text, (written, h.telegram.in_chat(ANNA)[-1].text)
        assert h.boosts == [("1", 30), ("1", 45)]
        assert h.socs == [("zoe", 55)]
        h.telegram.write(BEN, "80%")
        await h.telegram.said(BEN, pick(language, "Which car?", "Welches Auto?"))
        h.telegram.write(BEN, "ev6 80%")
        await h.until(lambda: (g := h.goal("ev6")) and g.asked_by == "ben")
        assert h.telegram.surprises == []


async def _set_goal(h: House, vehicle: str, soc_pct: float, departure: datetime) -> None:
    command = SetGoal(soc_pct=soc_pct, departure=departure)
    answer = await h.neighbours.request(SET_GOAL, command, vehicle=vehicle)
    assert isinstance(answer, Result)
    assert answer.accepted, answer.reason


async def test_the_plan_tells_what_is_next_of_all_devices(broker: Broker, tmp_path: Path) -> None:
    def does(device: str, hours: float) -> Explanation:
        start = NOON + timedelta(hours=hours)
        words = Text(en=f"{device} at {hours:g}", de=f"{device} um {hours:g}")
        action = BatteryAction(mode=BatteryMode.NORMAL)
        return Explanation(device=device, start=start, end=start + timedelta(hours=1), action=action, text=words)

    async with house(broker, tmp_path, "en") as h, h.notifier():
        h.plan(*(does("battery", t) for t in range(8)), *(does("loadpoint-1", t) for t in (0, 1.5)))
        await h.settled()
        h.telegram.write(ANNA, "/plan")
        told = await h.telegram.said(ANNA, "All is well")
        soon = [
            "battery at 0",
            "loadpoint-1 at 0",
            "battery at 1",
            "loadpoint-1 at 1.5",
            "battery at 2",
            "battery at 3",
        ]
        assert told.text.splitlines() == ["All is well", *soon]
