"""What drivers write in their own words, over a strict Bot API and a real broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

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
        await h.telegram.said(ANNA, "Wann wird es gebraucht?")
        h.telegram.write(ANNA, "18")
        await h.telegram.said(ANNA, "Wie voll soll Zoe bis Mi 18.11. 18:00 werden?")
        h.telegram.write(ANNA, "20")
        eighteen = datetime(2026, 11, 18, 17, tzinfo=UTC)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (20, eighteen))


async def test_what_can_be_meant_in_two_ways_is_asked_back_with_buttons(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "en") as h, h.notifier():
        h.car()
        h.telegram.write(ANNA, "80% by seven")
        asked = await h.telegram.said(ANNA, "which is meant?")
        assert [b["text"] for b in asked.buttons] == ["80 % Wed 18 Nov 19:00", "80 % Thu 19 Nov 07:00", "Cancel"]
        assert h.goal() is None
        await h.pressed(asked, "80 % Thu 19 Nov 07:00")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, SEVEN))


async def test_a_time_that_was_asked_back_is_followed_by_how_full(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.telegram.write(ANNA, "um 3")
        asked = await h.telegram.said(ANNA, "Was ist gemeint?")
        await h.pressed(asked, "Do 19.11. 03:00")
        await h.telegram.said(ANNA, "Wie voll soll Zoe bis Do 19.11. 03:00 werden?")
        h.telegram.write(ANNA, "doch nicht")
        await h.telegram.said(ANNA, "es bleibt, wie es ist")
        assert h.goal() is None


async def test_words_stand_for_buttons_and_commands(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.telegram.said(ANNA, "Wann wird es gebraucht?")
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
        assert refused.reason == "that may mean Wed 18 Nov 15:00 or Thu 19 Nov 03:00: say it so"
        taken = await h.neighbours.request(SET_GOAL, SetGoal(soc_pct=80, by="Thu 19 Nov 03:00"), vehicle="zoe")
        assert isinstance(taken, Result)
        assert taken.accepted
