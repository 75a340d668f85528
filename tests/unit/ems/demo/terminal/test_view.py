"""The live view shows what is on the bus, and nothing that is not."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from ems.contract.control import (
    BatteryAction,
    Choice,
    Control,
    Controller,
    ControllerName,
    Evidence,
    LoadpointAction,
    Owner,
    Phase,
    Proposal,
)
from ems.contract.message import Text
from ems.contract.people import Goal
from ems.contract.plan import Plan, PlanStatus, Prices
from ems.contract.service import Health, HealthState
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Loadpoint, LoadpointMode, Rate, Site
from ems.demo.terminal.bus_snapshot import BusSnapshot
from ems.demo.terminal.view import TerminalView, watch_line
from ems.i18n.health.renderer import problem, words
from ems.i18n.health.troubles import ClientIdTaken

HOUR = timedelta(hours=1)
NOW = datetime(2024, 6, 5, 18, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def text(seen: BusSnapshot, language: str = "en", width: int = 150) -> str:
    out = io.StringIO()
    Console(width=width, file=out).print(
        TerminalView(BERLIN, language, "x 288", watch_line("127.0.0.1", 1234)).screen(seen, NOW)
    )
    return out.getvalue()


def both(en: str, de: str = "...") -> Text:
    return Text(en=en, de=de)


SITE = Site(
    at=NOW,
    evcc=EvccFact(reachable=True),
    grid_w=-1250,
    pv_w=3210,
    home_w=480,
    battery=BatteryFact(power_w=-1480, soc_pct=42, capacity_kwh=10),
)
CAR = Loadpoint(
    at=NOW,
    id=1,
    mode=LoadpointMode.NOW,
    connected=True,
    charging=True,
    power_w=11000,
    vehicle="limo",
    vehicle_title="Limousine",
    soc_pct=55,
)
CONTROL = Control(
    device="battery",
    at=NOW,
    owner=Owner.PLAN,
    since=NOW,
    desired=BatteryAction(mode=BatteryMode.HOLD),
    phase=Phase.PENDING,
    reason=both("prices rise at seven", "ab sieben wird es teuer"),
)
PRICES = Prices(
    at=NOW,
    start=NOW,
    end=NOW + timedelta(hours=24),
    fetched_at=NOW,
    now_eur_per_kwh=0.213,
    p20_eur_per_kwh=0.22,
    p30_eur_per_kwh=0.23,
    p40_eur_per_kwh=0.24,
    p60_eur_per_kwh=0.28,
    p80_eur_per_kwh=0.31,
    rank=0.1,
    spread_eur_per_kwh=0.15,
)


CONTROLLER = Controller(
    device="battery",
    at=NOW,
    since=NOW,
    controller=Choice.LP,
    chosen_by="automatic",
    evidence=Evidence(samples=28, text=both("The plan steers: 1.2 of 20.", "Der Plan steuert: 1,2 von 20.")),
)


def proposed(by: ControllerName, mode: BatteryMode) -> Proposal:
    action = BatteryAction(mode=mode)
    return Proposal(device="battery", controller=by, at=NOW, valid_until=NOW, action=action, reason=both("..."))


def test_before_anything_is_known_it_says_what_it_waits_for() -> None:
    shown = text(BusSnapshot())
    assert "waiting for the services" in shown
    assert "no plan yet" in shown
    assert "mosquitto_sub -V 5 -h 127.0.0.1 -p 1234 -t 'evcc/#' -v" in shown


def test_powers_prices_devices_and_reasons_are_shown_in_the_zone_of_the_site() -> None:
    shown = text(
        BusSnapshot(
            site=SITE,
            loadpoints={"1": CAR},
            controls={"battery": CONTROL},
            goals={"limo": Goal(vehicle="limo", soc_pct=80, departure=NOW, asked_by="x", asked_at=NOW)},
            prices=PRICES,
            rates=tuple(
                Rate(start=NOW + timedelta(hours=h), end=NOW + timedelta(hours=h + 1), value=h) for h in range(8)
            ),
        )
    )
    for expected in (
        *("Wed 20:30", "21.3 ct/kWh", "cheap (10%)", "Solar 3.2 kW", "House 0.5 kW", "Car 11.0 kW", "Battery -1.5 kW"),
        *("to the grid", "42 %", "hold [pending]", "the plan", "prices rise at seven", "Limousine", "55 %"),
        *("goal 80 % Wed 20:30", "▁▂▃▄▅▆▇█"),
    ):
        assert expected in shown, expected


def test_it_speaks_german() -> None:
    shown = text(BusSnapshot(site=SITE, controls={"battery": CONTROL}, prices=PRICES), "de")
    for expected in (
        "Mi 20:30",
        "21,3 ct/kWh",
        "Haus 0,5 kW",
        "günstig",
        "halten",
        "ab sieben wird es teuer",
        "ins Netz",
    ):
        assert expected in shown, expected


def test_an_evcc_that_is_away_shows_no_powers() -> None:
    gone = Site(at=NOW, evcc=EvccFact(reachable=False, problem="connection refused"))
    shown = text(BusSnapshot(site=gone))
    assert "evcc cannot be reached: connection refused" in shown
    assert "kW" not in shown


def test_troubles_of_services_are_shown_and_those_that_are_well_are_not() -> None:
    bad = Health(state=HealthState.DEGRADED, reasons=("no rates",), since=NOW, at=NOW, version="1")
    good = Health(state=HealthState.OK, since=NOW, at=NOW, version="1")
    shown = text(BusSnapshot(site=SITE, healths={"tariff-planner": bad, "evcc-poller": good}))
    assert "tariff-planner: degraded: no rates" in shown
    assert "evcc-poller" not in shown


def test_what_is_wrong_is_told_in_german() -> None:
    away = ClientIdTaken("ems")
    bad = Health(
        state=HealthState.DEGRADED,
        reasons=(words(away).en,),
        problems=(problem(away, HealthState.DEGRADED),),
        since=NOW,
        at=NOW,
        version="1",
    )
    gone = EvccFact(reachable=False, problem=words(away).en, problem_text=words(away))
    shown = " ".join(text(BusSnapshot(site=Site(at=NOW, evcc=gone), healths={"rl-agent": bad}), "de").split())
    assert shown.count("Der Broker wirft uns immer wieder hinaus") == 2
    assert "somebody" not in shown


def test_nothing_is_no_negative_zero() -> None:
    assert "Grid 0.0 kW" in text(BusSnapshot(site=SITE.model_copy(update={"grid_w": -3.0})))


def test_words_in_brackets_are_words_and_no_markup() -> None:
    odd = Control(device="battery", at=NOW, owner=Owner.NONE, since=NOW, reason=both("[bold]x[/bold]"), error="[/]")
    assert "[bold]x[/bold] - [/]" in text(BusSnapshot(site=SITE, controls={"battery": odd}))


def test_the_line_for_a_log_holds_price_powers_and_what_devices_are_told() -> None:
    control = CONTROL.model_copy(
        update={"device": "loadpoint-1", "desired": LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=80)}
    )
    seen = BusSnapshot(site=SITE, loadpoints={"1": CAR}, controls={"loadpoint-1": control}, prices=PRICES)
    line = TerminalView(BERLIN, "en", "", "").line(seen, NOW)
    assert "\n" not in line
    for expected in ("Wed 20:30", "21.3 ct/kWh (10%)", "Grid -1.2 kW", "charge now <= 80 %", "prices rise at seven"):
        assert expected in line, expected


def test_the_plan_is_told_with_its_saving() -> None:
    plan = Plan(
        id="1",
        at=NOW,
        valid_until=NOW,
        status=PlanStatus.OPTIMAL,
        saving_eur=1.234,
        summary=both("charge at night", "nachts laden"),
    )
    assert "charge at night (expected to save 1.23 EUR against evcc alone)" in text(BusSnapshot(plan=plan))


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Proposals: Battery: Plan hold, learner normal. The plan steers: 1.2 of 20."),
        ("de", "Vorschläge: Batterie: Plan halten, Lerner normal. Der Plan steuert: 1,2 von 20."),
    ],
)
def test_what_plan_and_learner_want_stands_side_by_side_with_who_steers_and_why(language: str, line: str) -> None:
    seen = BusSnapshot(
        site=SITE,
        proposals=(proposed(ControllerName.LP, BatteryMode.HOLD),),
        learner_proposals=(proposed(ControllerName.RL, BatteryMode.NORMAL),),
        controllers={"battery": CONTROLLER},
    )
    assert line in text(seen, language)


def test_a_learner_that_wants_nothing_yet_is_told_with_who_steers_and_without_one_there_is_no_line() -> None:
    plan = (proposed(ControllerName.LP, BatteryMode.HOLD),)
    waiting = BusSnapshot(site=SITE, proposals=plan, controllers={"battery": CONTROLLER})
    assert "Plan hold, learner -. The plan steers" in text(waiting)
    assert "learner" not in text(BusSnapshot(site=SITE, proposals=plan))


def test_it_says_that_the_learner_decides_when_its_proposal_is_carried_out() -> None:
    by_learner = CONTROL.model_copy(update={"controller": ControllerName.RL})
    shown = text(BusSnapshot(site=SITE, controls={"battery": by_learner}))
    assert "the learner" in shown
    assert "the plan" not in shown
