"""What people read of a decision: nothing of seconds, and no riddle about what costs the same."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise

import pytest

from ems.contract.control import BatteryAction
from ems.contract.message import Reason
from ems.contract.plan import Plan, PlanSlot
from ems.contract.site import BatteryMode
from support.evening import BERLIN, FLAT, NIGHT, NOW, QUARTER, SEVEN, history, known, loadpoint, scheduled
from tariff_planner.domain.actions.battery_decision import AsPlanned, AtReserve, BatteryDecision, Weighed
from tariff_planner.domain.decision.decide import PlanningResult, decide
from tariff_planner.domain.explain.summary import summary
from tariff_planner.domain.inputs.rules import GridRules
from tariff_planner.domain.wording.plan import BatteryNow, CarNow, DeviceNow, GoalMissed, NextPurchase, Summary
from tariff_planner.domain.wording.renderer import Renderer


@cache
def usual_plan(values: tuple[float, ...]) -> Plan:
    """For a battery and a car that leaves at seven, at these prices."""
    return decide(known(values, soc_pct=40, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan


def shortly_before(left: timedelta, values: list[float]) -> PlanningResult:
    """As it is so long before the first slot's end."""
    case = known(values, soc_pct=40, lp=loadpoint(soc_pct=30.0), goal=scheduled(80, SEVEN))
    now = NOW + QUARTER - left
    site = case.facts.site.model_copy(update={"at": now})
    return decide(replace(case, facts=replace(case.facts, now=now, site=site, loadpoints={"1": loadpoint(at=now)})))


@pytest.mark.parametrize("seconds", [0.5, 5, 30, 59])
@pytest.mark.parametrize("values", [NIGHT, [0.10, *FLAT[1:]], FLAT[:1] + [0.10] * 143])
def test_in_the_last_seconds_of_a_slot_nobody_is_told_of_0_kwh(seconds: float, values: list[float]) -> None:
    plan = shortly_before(timedelta(seconds=seconds), values).plan
    texts = [f"{e.text.en} {e.alternative.en if e.alternative else ''}" for e in plan.explanations]
    assert not any(" 0.0 kWh" in text for text in texts)
    assert plan.slots[0].end == NOW + 2 * QUARTER


def test_who_need_not_charge_in_these_hours_is_said_to_charge_in_others() -> None:
    plan = decide(known(FLAT, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN + timedelta(hours=20)))).plan
    told = [e.alternative for e in plan.explanations if e.alternative]
    assert not any("Not charging" in t.en and "cost the same" in t.en for t in told)
    assert not any("nicht zu laden würde gleich viel" in t.de for t in told)

    same = [0.30] * 8 + [0.12] * 30 + [0.45] * 106
    cheap = decide(known(same, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert any(
        "Charging at other times would cost the same." in e.alternative.en for e in cheap.explanations if e.alternative
    )
    assert any(
        "Zu anderen Zeiten zu laden würde gleich" in e.alternative.de for e in cheap.explanations if e.alternative
    )


def told(plan: Plan, device: str = "loadpoint-1") -> list[str]:
    """What is said of a device, stretch by stretch."""
    return [e.text.en for e in plan.explanations if e.device == device]


def reasons(plan: Plan, device: str = "loadpoint-1") -> list[Reason]:
    """Why, stretch by stretch."""
    return [e.reason for e in plan.explanations if e.device == device and e.reason]


def everything(plan: Plan, language: str) -> list[str]:
    """All that is said of a plan."""
    parts = [plan.summary, *plan.problems, *(s.text for s in plan.shortfalls)]
    for each in plan.explanations:
        parts += [each.text, *([each.alternative] if each.alternative else []), *each.limits]
    return [str(getattr(text, language)) for text in parts]


@pytest.mark.parametrize("values", [NIGHT, FLAT, [0.30] * 4 + [0.20] * 140])
def test_neighbouring_stretches_with_the_same_words_are_one(values: list[float]) -> None:
    """A charger that ends slowly, or that waits for nobody's sun, does what it did before."""
    plan = usual_plan(tuple(values))
    for device in ("loadpoint-1", "battery"):
        bare = [_without_moments(text) for text in told(plan, device)]
        assert all(a != b for a, b in pairwise(bare)), bare
    (charging,) = (reason for reason in reasons(plan) if reason.kind == "car_charges")
    assert charging.parameters["kwh"] == pytest.approx(20, abs=0.05)


def _without_moments(text: str) -> str:
    moment = r"((today|tomorrow|\w+day) )?\d\d:\d\d"
    text = re.sub(rf"^(From {moment} (to {moment}|on) |Until {moment} )", "", text)
    return re.sub(rf"( until {moment})?|\d+\.\d kWh", "", text)


def test_what_is_joined_covers_every_slot_once_and_keeps_what_is_done_now() -> None:
    decision = decide(known(FLAT, soc_pct=40, lp=loadpoint(), goal=scheduled(80, SEVEN)))
    plan = decision.plan
    for device in ("loadpoint-1", "battery"):
        parts = [e for e in plan.explanations if e.device == device]
        assert parts[0].start == plan.slots[0].start
        assert parts[-1].end == plan.slots[-1].end
        assert all(a.end == b.start for a, b in pairwise(parts))
        assert parts[0].action == decision.proposals[device].action


def test_on_flat_prices_a_battery_beside_a_charging_car_is_not_told_to_keep_its_last_drop() -> None:
    plan = decide(known(FLAT, soc_pct=40, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert {s.devices["battery"].action for s in plan.slots} == {BatteryAction(mode=BatteryMode.NORMAL)}


@pytest.mark.parametrize(
    "values",
    [
        NIGHT,
        [0.30] * 12 + [0.12] * 16 + [0.45] * 24 + [0.30] * 92,
        [0.2996, 0.3004] * 72,
        [0.30] * 48 + [0.10] * 96,
    ],
)
@pytest.mark.parametrize("soc_pct", [5, 60])
def test_a_worth_or_a_price_that_is_written_like_the_price_is_no_reason(values: list[float], soc_pct: float) -> None:
    goal = scheduled(80, SEVEN).model_copy(update={"departure": None, "asked_by": "anna"})
    for wish in (goal, scheduled(80, SEVEN)):
        plan = decide(known(values, soc_pct=soc_pct, lp=loadpoint(), goal=wish)).plan
        for each in plan.explanations:
            prices = re.findall(r"-?\d+\.\d ct", each.text.en)
            assert len(prices) == len(set(prices)), each.text.en


@pytest.mark.parametrize("hour", [12, 20, 22.75])
def test_the_day_is_named_whenever_it_is_not_today(hour: float) -> None:
    """Of every moment that is told, unless it is the midnight at which today ends."""
    shift = timedelta(hours=hour - 20)
    now = NOW + shift
    case = known(NIGHT, soc_pct=40, lp=loadpoint(at=now), goal=scheduled(80, SEVEN))
    moved = tuple(r.model_copy(update={"start": r.start + shift, "end": r.end + shift}) for r in case.rates)
    site = case.facts.site.model_copy(update={"at": now})
    plan = decide(replace(case, rates=moved, facts=replace(case.facts, now=now, site=site))).plan
    for each in plan.explanations:
        local, today = each.start.astimezone(BERLIN), now.astimezone(BERLIN)
        if each.start == plan.slots[0].start:
            continue
        begins = each.text.en.split(" the battery")[0].split(" limo")[0]
        assert begins.startswith("From ")
        assert begins.startswith("From tomorrow") is (local.date() == today.date() + timedelta(days=1)), begins
        german = each.text.de.split(" die Batterie")[0].split(" limo")[0]
        assert ("morgen" in german or "Freitag" in german) is (local.date() > today.date() or "morgen" in german)


def test_what_begins_at_midnight_begins_tomorrow_and_what_ends_then_ends_today() -> None:
    plan = decide(known([0.30] * 12 + [0.10] * 8 + [0.40] * 124, soc_pct=30)).plan
    texts = [e.text for e in plan.explanations]
    assert any("From tomorrow 00:00 to 02:00 the battery charges" in t.en for t in texts)
    assert any("Von morgen 00:00 bis 02:00 Uhr lädt die Batterie" in t.de for t in texts)
    assert "Next, the battery charges from tomorrow 00:00 to 02:00 at 10.0 ct." in plan.summary.en


def test_the_summary_tells_of_the_next_purchase_of_whoever_buys_nothing_now() -> None:
    slots = decide(known(NIGHT, soc_pct=5, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan.slots
    charges = next(slot.devices["battery"] for slot in slots if slot.import_eur_per_kwh == 0.12)
    now = slots[0].model_copy(update={"devices": {**slots[0].devices, "battery": charges}, "import_kwh": 1.5})
    summed = list(summary([now, *slots[1:]], {}))
    (said,) = (reason for reason in summed if isinstance(reason, Summary))
    (bought,) = (reason for reason in summed if isinstance(reason, NextPurchase))
    assert said.devices == (DeviceNow(BatteryNow.CHARGES), DeviceNow(CarNow.WAITS, ("limo",)))
    assert (bought.who, bought.start) == ("limo", NOW + timedelta(hours=2))


def test_a_battery_that_people_hold_is_not_said_to_wait_for_more_expensive_hours() -> None:
    slot = decide(known(NIGHT, soc_pct=50)).plan.slots[0]
    held = slot.devices["battery"].model_copy(update={"action": BatteryAction(mode=BatteryMode.HOLD)})
    slots = [slot.model_copy(update={"devices": {"battery": held}})]
    for cause, does in ((AtReserve(50), BatteryNow.HELD), (AsPlanned(), BatteryNow.KEEPS)):
        assert _done(slots, BatteryDecision(BatteryMode.HOLD, cause)) == does


def test_the_summary_of_a_mode_that_the_look_ahead_chose_says_what_its_explanation_says() -> None:
    slots = decide(known(NIGHT, soc_pct=50)).plan.slots[:1]
    assert slots[0].devices["battery"].action == BatteryAction(mode=BatteryMode.NORMAL)
    weighed = BatteryDecision(BatteryMode.NORMAL, Weighed(BatteryMode.HOLD, 0.01))
    assert _done(slots, weighed) == BatteryNow.FOLLOWS
    assert _done(slots, BatteryDecision(BatteryMode.NORMAL, AsPlanned())) == BatteryNow.SUPPLIES


def _done(slots: Sequence[PlanSlot], battery: BatteryDecision) -> object:
    """What the summary says that the battery does."""
    (said,) = (reason for reason in summary(slots, {}, battery) if isinstance(reason, Summary))
    (device,) = said.devices
    return device.does


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_no_text_of_a_plan_has_a_hole_or_a_riddle(language: str) -> None:
    for values in (NIGHT, FLAT, [-0.02] * 8 + [0.3] * 136):
        plan = usual_plan(tuple(values))
        for text in everything(plan, language):
            assert not re.search(r"  | \.|\{|\}|None|nan|-0[.,]0", text), text
            assert text[-1] == "."


@pytest.mark.parametrize(("limit_w", "kw"), [(4_200.0, "4.2"), (2_000.0, "2.0")])
def test_why_a_car_is_slow_while_the_grid_operator_dims_it_is_said(limit_w: float, kw: str) -> None:
    goal = scheduled(80, NOW + timedelta(hours=2))
    case = known([0.10] * 8 + [0.50] * 136, battery=False, lp=loadpoint(), goal=goal)
    site = case.facts.site.model_copy(update={"import_limit_w": limit_w, "home_w": 3_000.0})
    home = replace(case.home, grid=GridRules(dimming="devices"))
    decision = decide(replace(case, home=home, facts=replace(case.facts, site=site), history=history(3_000)))
    reason = decision.proposals["loadpoint-1"].reason
    assert f"he grid operator lets limo take no more than {kw} kW from the grid." in reason.en
    assert f"limo höchstens {kw.replace('.', ',')} kW aus dem Netz." in reason.de
    assert f"limo hoogstens {kw.replace('.', ',')} kW van het net toe." in (reason.nl or "")
    assert "Without the grid operator's limit limo would make it." in reason.en
    assert "connection" not in reason.en


def test_a_car_has_what_was_wanted_of_it_though_it_holds_more_because_one_was_paid_to_charge() -> None:
    paid = [0.30] * 8 + [-0.30] * 8 + [0.40] * 128
    plan = decide(known(paid, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert (plan.slots[-1].devices["loadpoint-1"].soc_pct or 0) > 82
    assert told(plan)[-1] == "From tomorrow 01:00 on limo has the 80 % it needs."


@pytest.mark.parametrize(
    ("reaches", "wanted", "words"),
    [(79.6, 80, "79.6 % instead of 80 %"), (79.97, 80, "79.97 % instead of 80 %"), (65, 80, "65 % instead of 80 %")],
)
def test_what_is_reached_never_reads_like_what_was_wanted(reaches: float, wanted: float, words: str) -> None:
    text = Renderer(BERLIN, NOW).text(GoalMissed("limo", reaches, wanted, SEVEN, 0.2))
    assert text.en == f"limo reaches {words} by tomorrow 07:00: 0.2 kWh are missing."
    german, dutch = (words.replace(".", ",").replace("instead of", other) for other in ("statt", "in plaats van"))
    assert german in str(text.de)
    assert dutch in str(text.nl)


def test_a_limit_that_ends_between_two_percent_is_told_the_same_in_every_sentence() -> None:
    session = loadpoint(limit_energy_kwh=8.0, session_kwh=3.0)
    plan = decide(known(NIGHT, battery=False, lp=session, goal=scheduled(80, SEVEN))).plan
    said = " ".join(everything(plan, "en"))
    assert "58 %" in said
    assert "57 %" not in said


def test_in_a_night_without_sun_nobody_reads_of_sun_however_often_the_battery_changes() -> None:
    plan = decide(known([0.30, 0.10] * 72, soc_pct=50)).plan
    assert any("mostly" in text for text in told(plan, "battery")), "stretches were drawn together"
    assert not any("sun" in text for text in told(plan, "battery"))


def test_the_peak_that_more_power_would_raise_is_told_once() -> None:
    case = known([0.40, 0.10] * 10 + [0.40] * 124, soc_pct=5)
    plan = decide(replace(case, home=replace(case.home, grid=GridRules(capacity_eur_per_kw=0.2)))).plan
    limits = [limit.en for e in plan.explanations for limit in e.limits]
    assert sum("import peak" in limit for limit in limits) == 1, limits
