"""The chart: well-formed, small, in two languages, with what matters in it."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET  # our own text, no foreign XML

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.message import Language, Text
from ems.contract.plan import DevicePlan, Forecast, ForecastKind, ForecastSlot, Plan, PlanSlot, PlanStatus
from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.slots import grid
from support.homes import BERLIN
from tariff_planner.domain.chart.plan_chart import Shape, chart
from tariff_planner.domain.wording.renderer import CHART_WORDS

NOW = datetime(2026, 10, 24, 10, 7, tzinfo=UTC)
CAR = "loadpoint-1"


def _plan(
    hours: int = 42, *, flat: bool = False, vehicle: str = "twingo", status: PlanStatus = PlanStatus.OPTIMAL
) -> Plan:
    slots = []
    for i, slot in enumerate(grid(NOW, NOW + timedelta(hours=hours))):
        cheap = slot.start.hour < 4
        devices = {
            "battery": DevicePlan(
                power_w=-3000 if cheap else 500, action=BatteryAction(mode=BatteryMode.NORMAL), soc_pct=i % 100
            ),
            CAR: DevicePlan(
                power_w=11000 if cheap else 0,
                action=LoadpointAction(mode=LoadpointMode.NOW),
                soc_pct=50,
                vehicle=vehicle,
            ),
        }
        price = 0.3 if flat else 0.15 if cheap else -0.02 if slot.start.hour == 12 else 0.35
        slots.append(
            PlanSlot(
                start=slot.start,
                end=slot.end,
                import_eur_per_kwh=price,
                export_eur_per_kwh=0.08,
                price_known=i < 100,
                load_kwh=0.1,
                pv_kwh=0.2,
                import_kwh=0,
                export_kwh=0,
                cost_eur=0,
                devices=devices,
            )
        )
    return Plan(id="1", at=NOW, valid_until=NOW, status=status, slots=tuple(slots), summary=Text(en="", de=""))


def _forecasts(plan: Plan) -> list[Forecast]:
    slots = tuple(
        ForecastSlot(start=s.start, end=s.end, mean_w=400, p10_w=200, p50_w=350, p90_w=900) for s in plan.slots
    )
    return [Forecast(kind=kind, at=NOW, method="", slots=slots) for kind in ForecastKind]


def _words(svg: str) -> list[str]:
    return [t.text or "" for t in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            Language.EN,
            ["Plan of Sat 24 Oct 12:07", "Price, ct/kWh", "Sun", "twingo", "charges", "shaded: 8 out of 10 cases"],
        ),
        (
            Language.DE,
            ["Plan vom Sa 24.10. 12:07", "Preis, ct/kWh", "So", "twingo", "lädt", "schattiert: 8 von 10 Fällen"],
        ),
        (
            Language.NL,
            ["Plan van za 24 okt 12:07", "Prijs, ct/kWh", "zo", "twingo", "laadt", "gearceerd: 8 van de 10 gevallen"],
        ),
    ],
)
def test_it_speaks_the_sites_language_and_time(language: Language, expected: list[str]) -> None:
    plan = _plan()
    words = _words(chart(plan, _forecasts(plan), BERLIN, language))
    assert set(expected) <= set(words)


def test_every_language_has_a_word_for_everything() -> None:
    assert set(CHART_WORDS) == set(Language)
    assert len({frozenset(words) for words in CHART_WORDS.values()}) == 1
    assert all(all(words.values()) for words in CHART_WORDS.values())


def test_it_knows_light_and_dark_and_needs_nothing_from_elsewhere() -> None:
    svg = chart(_plan(), [], BERLIN)
    assert "@media(prefers-color-scheme:dark)" in svg
    assert svg.count("http") == 1  # the namespace
    assert "<script" not in svg


def test_four_days_of_quarter_hours_stay_below_150_kilobytes() -> None:
    plan = _plan(96)
    assert len(chart(plan, _forecasts(plan), BERLIN).encode()) < 150_000


def test_a_flat_price_has_no_cheap_time() -> None:
    assert "cheap" in _words(chart(_plan(), [], BERLIN))
    assert "cheap" not in _words(chart(_plan(flat=True), [], BERLIN))


def test_without_a_plan_it_says_so() -> None:
    assert "There is no plan at present." in _words(chart(_plan(0, status=PlanStatus.NONE), [], BERLIN))


def test_a_name_cannot_break_the_picture() -> None:
    plan = _plan(12)
    names = plan.model_copy(
        update={
            "slots": tuple(
                s.model_copy(update={"devices": {"<&>": s.devices[CAR].model_copy(update={"vehicle": '"</svg>'})}})
                for s in plan.slots
            )
        }
    )
    assert '<&>: "</svg>' in _words(chart(names, [], BERLIN))


def test_a_trickle_does_not_look_like_charging() -> None:
    def highest(watts: float) -> float:
        plan = _plan()
        slots = [
            s.model_copy(update={"devices": {CAR: s.devices[CAR].model_copy(update={"power_w": watts})}})
            for s in plan.slots
        ]
        root = ET.fromstring(chart(plan.model_copy(update={"slots": tuple(slots)}), [], BERLIN))
        bars = [
            r
            for r in root.iter("{http://www.w3.org/2000/svg}rect")
            if r.get("class") == "f-charge" and r.get("rx") is None
        ]
        return max(float(r.get("height") or 0) for r in bars)

    assert highest(80) < highest(11_000) / 2


@pytest.mark.parametrize("shape", Shape)
@pytest.mark.parametrize("language", Language)
def test_everything_lies_within_the_paper(language: Language, shape: Shape) -> None:
    root = ET.fromstring(chart(_plan(), _forecasts(_plan()), BERLIN, language, shape))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height


def test_what_cars_are_called_stands_beside_no_heading_and_within_the_paper() -> None:
    name = "Der Kleine, der immer so lange lädt und nie rechtzeitig fertig"
    plan = _plan(12).model_copy(update={"titles": {"twingo": name}})
    words = {t.text: t.attrib for t in ET.fromstring(chart(plan, [], BERLIN)).iter("{http://www.w3.org/2000/svg}text")}
    assert float(words[name]["y"]) > float(words["State of charge, %"]["y"])
    assert float(words[name]["x"]) > 0
    assert float(words["Battery"]["x"]) > 0


def _marks(svg: str, css: str) -> list[tuple[float, float]]:
    """The upright lines of a colour: where, and how long."""
    lines = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}line")
    return [
        (float(one.attrib["x1"]), float(one.attrib["y2"]) - float(one.attrib["y1"]))
        for one in lines
        if one.attrib["class"] == css and one.attrib["x1"] == one.attrib["x2"]
    ]


@pytest.mark.parametrize("shape", Shape)
def test_now_and_every_new_day_are_marked_through_all_panels(shape: Shape) -> None:
    svg = chart(_plan(60), [], BERLIN, Language.EN, shape)
    words = _words(svg)
    assert "now 12:07" in words
    assert {"Sun 25 Oct", "Mon 26 Oct"} <= set(words)
    height = float(ET.fromstring(svg).attrib["height"])
    [(left, length)] = _marks(svg, "s-now")
    assert length > height * 0.7
    assert len([x for x, long in _marks(svg, "s-soft") if long > height * 0.7 and x > left]) == 2


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, "Costs: today 4.80 EUR, Sunday 10.00 EUR, Monday 2.50 EUR"),
        (Language.DE, "Kosten: heute 4,80 EUR, Sonntag 10,00 EUR, Montag 2,50 EUR"),
        (Language.NL, "Kosten: vandaag 4,80 EUR, zondag 10,00 EUR, maandag 2,50 EUR"),
    ],
)
def test_each_local_day_has_its_money_and_the_plan_what_it_saves(language: Language, expected: str) -> None:
    plan = _plan(43)
    slots = tuple(s.model_copy(update={"cost_eur": 0.1}) for s in plan.slots)
    told = plan.model_copy(update={"slots": slots, "saving_eur": -0.4})
    words = _words(chart(told, [], BERLIN, language, Shape.WIDE))
    [said] = [each for each in words if each.startswith(expected)]
    assert "evcc" in said.removeprefix(expected)


@pytest.mark.parametrize("saving_eur", [0.001, 0.0, -0.001])
def test_what_rounds_to_nothing_is_neither_more_nor_less(saving_eur: float) -> None:
    said = " ".join(_words(chart(_plan(4).model_copy(update={"saving_eur": saving_eur}), [], BERLIN)))
    assert "as much as evcc alone" in said
    assert "than evcc alone" not in said


def test_a_loadpoint_has_its_title() -> None:
    plan = _plan(12).model_copy(update={"loadpoints": {CAR: "Garage"}, "titles": {"twingo": "Twingo"}})
    assert "Garage: Twingo" in _words(chart(plan, [], BERLIN))
