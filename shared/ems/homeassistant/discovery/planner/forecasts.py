"""What is foreseen of load and sun, and how good that was."""

from collections.abc import Iterator

from ems.contract.plan import ForecastKind
from ems.contract.topics import FORECAST
from ems.homeassistant.discovery.entity import (
    DIAGNOSTIC,
    PERCENT,
    Entity,
    described,
    rounded,
)
from ems.homeassistant.discovery.wording.tables import named

_ICONS = {ForecastKind.LOAD: "mdi:home-lightning-bolt-outline", ForecastKind.PV: "mdi:solar-power-variant"}


def _rows() -> Iterator[Entity]:
    for kind, icon in _ICONS.items():
        path = FORECAST.path(forecast=kind)
        # An amount that is foreseen is no meter: Home Assistant keeps no statistics of it.
        energy = {
            "device_class": "energy",
            "unit_of_measurement": "kWh",
            "suggested_display_precision": 1,
            "icon": icon,
        }
        yield Entity(
            f"{kind}_today_kwh",
            "sensor",
            named(f"{kind}_today_kwh"),
            path,
            rounded("value_json.rest_of_today_kwh", 1),
            more=energy,
            about="foreseen from now to midnight",
        )
        yield Entity(
            f"{kind}_tomorrow_kwh",
            "sensor",
            named(f"{kind}_tomorrow_kwh"),
            path,
            rounded("value_json.tomorrow_kwh", 1),
            more=energy,
            about="foreseen for the whole day",
        )
        yield Entity(
            f"{kind}_error",
            "sensor",
            named(f"{kind}_error"),
            path,
            "(value_json.accuracy[0].nmae * 100) | round(0) if value_json.accuracy else 'None'",
            more={**DIAGNOSTIC, **PERCENT, "icon": "mdi:chart-bell-curve"},
            attributes=(path, described("{'accuracy': value_json.accuracy}")),
            about="mean error in % of the mean, of the last 7 days' forecasts for the next 24 h",
        )
        yield Entity(
            f"{kind}_coverage",
            "sensor",
            named(f"{kind}_coverage"),
            path,
            "(value_json.accuracy[0].coverage * 100) | round(0) "
            "if value_json.accuracy and value_json.accuracy[0].coverage is defined else 'None'",
            more={**DIAGNOSTIC, **PERCENT, "icon": "mdi:arrow-expand-vertical"},
            disabled=True,
            about="how much of what was measured lay between P10 and P90; 80 is perfect",
        )


FORECASTS = tuple(_rows())
