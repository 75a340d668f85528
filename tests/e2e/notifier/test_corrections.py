"""Whoever edits a message corrects the order that it gave."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from ems.contract.control import Control, Owner
from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.topics import CONTROL
from support.brokers import Broker
from support.chats import ANNA, BEN, NOON, House, house

SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)


async def test_an_edited_goal_takes_the_place_of_the_one_before(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "80 % in 2 Stunden")
        await h.telegram.said(ANNA, "Zoe: 80 % bis 14:00 Uhr")
        h.clock.advance(300)
        h.telegram.edit(written, "90 % in 3 Stunden")
        await h.telegram.said(ANNA, "Zoe: 90 % bis 15:00 Uhr")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (90, NOON + timedelta(hours=3)))


async def test_a_goal_that_was_meant_for_another_car_is_taken_back_and_what_it_replaced_counts_again(
    broker: Broker, tmp_path: Path
) -> None:
    week = {"zoe": [{"soc_pct": 60, "by": "08:00"}]}
    async with house(broker, tmp_path, weekly_goals=week) as h, h.notifier():
        h.car()
        h.car("ev6")
        h.telegram.write(BEN, "zoe 70% tomorrow 7am")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (70, SEVEN))
        written = h.telegram.write(BEN, "zoe 100% Friday 6am")
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 100)
        h.telegram.edit(written, "ev6 100% Friday 6am")
        await h.until(lambda: (g := h.goal("ev6")) and g.soc_pct == 100)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure, g.asked_by) == (70, SEVEN, "ben"))
        goal = h.goal()
        assert goal is not None
        assert [(n.soc_pct, n.departure) for n in goal.following][:1] == [(60, SEVEN + timedelta(hours=25))]


async def test_a_typo_that_was_not_understood_is_mended_by_editing(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "8ß % morgen 7 Uhr")
        await h.telegram.said(ANNA, "nicht verstanden")
        h.telegram.edit(written, "80 % morgen 7 Uhr")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, SEVEN))


async def test_a_correction_that_is_not_understood_leaves_the_order_as_it_is_and_says_so(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "80% tomorrow 7am")
        await h.until(h.goal)
        h.telegram.edit(written, "8o%% tomorrow-ish")
        await h.telegram.said(ANNA, "What you ordered before stays as it is.")
        goal = h.goal()
        assert goal is not None
        assert goal.soc_pct == 80
        h.telegram.edit(written, "90% tomorrow 7am")
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 90)


async def test_an_answer_is_corrected_by_editing_it(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        h.plug()
        h.event(EventKind.PLUGGED_IN)
        await h.telegram.said(ANNA, "Wann wird das Auto gebraucht?")
        written = h.telegram.write(ANNA, "18")
        first = await h.telegram.said(ANNA, "Wie voll soll Zoe bis 18:00 Uhr werden?")
        h.telegram.edit(written, "19")
        second = await h.telegram.said(ANNA, "Wie voll soll Zoe bis 19:00 Uhr werden?")
        await h.telegram.until(lambda: "→ Es wurde berichtigt." in first.text)
        await h.pressed(second, "80 %")
        nineteen = datetime(2026, 11, 18, 18, tzinfo=UTC)
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, nineteen))


async def test_a_departure_that_is_edited_into_a_soc_is_no_departure_any_more(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "morgen um 7")
        asked = await h.telegram.said(ANNA, "Wie voll soll Zoe")
        h.telegram.edit(written, "80 %")
        await h.until(lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (80, None))
        await h.telegram.until(lambda: "→ Es wurde berichtigt." in asked.text)


async def test_a_corrected_boost_is_shortened_or_ended(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        h.plug()
        await h.settled()
        written = h.telegram.write(ANNA, "/boost 3h")
        await h.until(lambda: h.boosts == [("1", 180)])
        h.telegram.edit(written, "/boost 1h")
        await h.until(lambda: h.boosts == [("1", 180), ("1", 60)])
        h.telegram.edit(written, "80% tomorrow 7am")
        await h.until(lambda: (g := h.goal()) and g.soc_pct == 80)
        await h.until(lambda: h.boosts[2:] == [("1", 0)])


async def test_a_change_that_nobody_sees_and_one_of_somebody_elses_message_do_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "80% tomorrow 7am")
        status = h.telegram.write(ANNA, "/status")
        place = h.telegram.write(ANNA, None, location={"latitude": 50.1, "longitude": 8.7, "live_period": 900})
        await h.telegram.said(ANNA, "Zoe: 40 %")
        await h.telegram.said(ANNA, "I can only read text")
        told = len(h.telegram.in_chat(ANNA))
        h.telegram.edit(written, "80% tomorrow 7am")
        h.telegram.edit(status, "/status")
        h.telegram.move(place)
        await h.settled()
        assert len(h.telegram.in_chat(ANNA)) == told


async def test_an_old_message_that_is_edited_is_asked_back_and_yes_corrects_what_it_ordered(
    broker: Broker, tmp_path: Path
) -> None:
    async with house(broker, tmp_path, "de") as h, h.notifier():
        h.car()
        written = h.telegram.write(ANNA, "80 % morgen um 7")
        await h.until(h.goal)
        h.clock.advance(3600)
        h.car()
        h.telegram.edit(written, "90 % morgen um 8")
        asked = await h.telegram.said(ANNA, "Noch gewünscht?")
        h.telegram.edit(written, "95 % morgen um 8")
        second = await h.telegram.said(ANNA, "„95 % morgen um 8“")
        await h.telegram.until(lambda: "→ Es wurde berichtigt." in asked.text)
        goal = h.goal()
        assert goal is not None
        assert (goal.soc_pct, goal.departure) == (80, SEVEN)
        await h.pressed(second, "Ja")
        await h.until(
            lambda: (g := h.goal()) and (g.soc_pct, g.departure) == (95, datetime(2026, 11, 19, 7, tzinfo=UTC))
        )


async def test_a_boost_that_ended_by_itself_is_not_ended_again(broker: Broker, tmp_path: Path) -> None:
    async with house(broker, tmp_path) as h, h.notifier():
        h.car()
        h.plug()
        _boosting(h, Owner.BOOST)
        await h.settled()
        written = h.telegram.write(ANNA, "/boost 5")
        await h.until(lambda: h.boosts == [("1", 5)])
        h.clock.advance(360)
        h.car()
        h.plug()
        _boosting(h, Owner.PLAN)
        await h.settled()
        h.telegram.edit(written, "80% tomorrow 7am")
        await h.until(h.goal)
        await h.settled()
        assert h.boosts == [("1", 5)]


def _boosting(h: House, owner: Owner) -> None:
    at, why = h.clock.now(), Text(en="because", de="darum")
    fact = Control(device="loadpoint-1", at=at, since=at, owner=owner, reason=why)
    h.neighbours.publish(CONTROL, fact, device="loadpoint-1")
