"""The plan slot by slot, and people's wishes, as Home Assistant's own templates read them."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ems.homeassistant.dashboard.cards import Shape
from ems.homeassistant.dashboard.tables import decisions, slot_table, wishes
from ems.homeassistant.discovery.entity import HomeContext
from ems.homeassistant.discovery.planner.series import MAX_SLOTS
from support.in_homeassistant import PREFIX, announced, complaints, entity, golden, state, tell

RECORDED_BYTES = 16_384
"""Attributes beyond this are not recorded."""
START = datetime(2026, 11, 21, 8, 7, tzinfo=UTC)


def long_plan(loadpoints: int) -> dict[str, Any]:
    """Four days of quarter hours with figures as long as they come."""
    plan = json.loads(golden("Plan"))
    slot = plan["slots"][0]
    battery, car = slot["devices"]["battery"], slot["devices"]["loadpoint-1"]
    battery["action"]["mode"] = "holdcharge"
    devices = {"battery": battery | {"power_w": -10234.5, "soc_pct": 100.0}}
    devices |= {f"loadpoint-{n + 1}": car | {"power_w": 11040.0, "soc_pct": 100.0} for n in range(loadpoints)}
    ends = [START.replace(minute=15) + n * timedelta(minutes=15) for n in range(384)]
    starts = [START, *ends[:-1]]
    figures = {"import_eur_per_kwh": -0.12345, "cost_eur": -12.34567, "import_kwh": 4.0, "export_kwh": 0.25}
    whole: dict[str, Any] = plan | {
        "slots": [
            slot | figures | {"start": a.isoformat(), "end": b.isoformat(), "devices": devices}
            for a, b in zip(starts, ends, strict=True)
        ]
    }
    return whole


def attributes(hass: Any, key: str) -> dict[str, Any]:
    return dict(hass.states.get(entity(hass, "sensor", "planner", key)).attributes)


async def test_a_plan_of_four_days_fits_into_what_is_recorded(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    await tell(hass, f"{PREFIX}/plan", json.dumps(long_plan(2)))
    for key in ("plan_series", "price_series", "load_series", "pv_series"):
        assert len(json.dumps(attributes(hass, key), separators=(",", ":")).encode()) < RECORDED_BYTES, key
    series = attributes(hass, "plan_series")
    assert len(series["at"]) == MAX_SLOTS
    assert series["at"][0] == START.timestamp()
    assert series["grid_w"][1] == 15_000
    assert series["battery_mode"][0] == "holdcharge"
    assert series["loadpoints"]["loadpoint-1"]["name"] == "Garage"
    assert series["loadpoints"]["loadpoint-2"]["w"][5] == 11040
    assert complaints(caplog) == []


async def test_what_is_planned_at_a_loadpoint_is_there_and_gone_with_the_plan(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    assert state(hass, "sensor", "loadpoint-1", "planned_energy") == "7.5"
    assert state(hass, "sensor", "loadpoint-1", "planned_full_at").startswith("2026-11-21T08:15")
    plan = json.loads(golden("Plan")) | {"charging": {}}
    await tell(hass, f"{PREFIX}/plan", json.dumps(plan))
    assert state(hass, "sensor", "loadpoint-1", "planned_start") == "unknown"


async def test_cheap_now_is_off_where_all_prices_are_the_same(hass: Any, mqtt_mock: Any) -> None:
    assert mqtt_mock
    await announced(hass, HomeContext())
    prices = json.loads(golden("Prices")) | {"now_eur_per_kwh": 0.2, "p20_eur_per_kwh": 0.2}
    for spread, shown in ((0.1, "on"), (0.0, "off")):
        await tell(hass, f"{PREFIX}/prices", json.dumps(prices | {"spread_eur_per_kwh": spread}))
        assert state(hass, "binary_sensor", "planner", "cheap_now") == shown


async def test_a_wish_is_shown_as_it_was_typed_and_what_is_typed_is_sent(hass: Any, mqtt_mock: Any) -> None:
    await announced(hass, HomeContext())
    assert state(hass, "text", "planner", "wish_hold_battery") == "21.11. 09:00-09:15"
    assert state(hass, "text", "planner", "wish_absence") == ""
    for device, key, value, sent in (
        ("planner", "wish_hold_battery", "17-20", {"kind": "hold_battery", "words": "17-20"}),
        ("vehicle-limo", "wish_pause_vehicle", "", {"kind": "pause_vehicle", "vehicle": "limo", "words": ""}),
    ):
        target = {"entity_id": entity(hass, "text", device, key), "value": value}
        await hass.services.async_call("text", "set_value", target, blocking=True)
        topic, payload, *_ = mqtt_mock.async_publish.call_args.args
        assert topic == f"{PREFIX}/planning/set"
        assert json.loads(payload) == {"wish": sent}
    listed = hass.states.get(entity(hass, "sensor", "planner", "wishes")).attributes["wishes"]
    assert listed[0]["cost"] == 1.25


@pytest.mark.parametrize("language", ["en", "de", "nl"])
async def test_the_dashboards_tables_are_filled(
    hass: Any, mqtt_mock: Any, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    assert mqtt_mock
    template = pytest.importorskip("homeassistant.helpers.template")
    await announced(hass, HomeContext(language))
    await tell(hass, f"{PREFIX}/plan", json.dumps(long_plan(2)))
    home = Shape({"1": "Garage"}, {"limo": "Limo"}, language=language)

    def rendered(cards: Sequence[Mapping[str, Any]]) -> str:
        content = "".join(card["content"] for card in cards if card["type"] == "markdown")
        return str(template.Template(content, hass).async_render(parse_result=False))

    table = [line for line in rendered(slot_table(home)).splitlines() if line.startswith("|")]
    assert len(table) == 2 * 2 + MAX_SLOTS
    head, _, first, *others = table
    assert head.count("|") == first.count("|") == 1 + 3 + 2 + 2, "time, price, battery; two cars; cost and sum"
    assert "Limousine" in head
    assert "EUR/kWh |" in head, "no number without its unit"
    assert head.count(", EUR |") == 2
    assert first.count("kW") == first.count("%") == 3
    assert ("-12.35" if language == "en" else "-12,35") in first
    assert others[-1].strip("| ").split("|")[-1].strip().startswith("-2371")
    assert "charges now" in rendered(wishes(home)) or "lädt jetzt" in rendered(wishes(home))
    decided = json.loads(golden("Decisions"))
    decided["decisions"][0] |= {"outcome": "accepted"}
    await tell(hass, f"{PREFIX}/decisions", json.dumps(decided))
    day = {"en": "21 Nov", "de": "21.11.", "nl": "21-11"}[language]
    assert re.match(rf"- \*\*{re.escape(day)} \d\d:\d\d Garage\*\*: ", rendered(decisions(home)))
    if language != "nl":  # the examples of other rows have no Dutch
        assert complaints(caplog) == []
