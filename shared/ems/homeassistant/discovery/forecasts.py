"""What is foreseen of load and sun, and how good that was."""

from collections.abc import Iterator

from ems.contract.message import Text
from ems.contract.plan import ForecastKind
from ems.contract.topics import FORECAST
from ems.homeassistant.discovery.entity import (
    DIAGNOSTIC,
    PERCENT,
    Entity,
    described,
    shown,
)

_OF = {ForecastKind.LOAD: Text(en="load", de="Verbrauch"), ForecastKind.PV: Text(en="solar", de="Solar")}
_ICONS = {ForecastKind.LOAD: "mdi:home-lightning-bolt-outline", ForecastKind.PV: "mdi:solar-power-variant"}


def _rows() -> Iterator[Entity]:
    for kind, of in _OF.items():
        path = FORECAST.path(forecast=kind)
        # An amount that is foreseen is no meter: Home Assistant keeps no statistics of it.
        energy = {
            "device_class": "energy",
            "unit_of_measurement": "kWh",
            "suggested_display_precision": 1,
            "icon": _ICONS[kind],
        }
        yield Entity(
            f"{kind}_today_kwh",
            "sensor",
            Text(en=f"{of.en.capitalize()} rest of today", de=f"{of.de} heute noch"),
            path,
            shown("rest_of_today_kwh"),
            more=energy,
            about="foreseen from now to midnight",
        )
        yield Entity(
            f"{kind}_tomorrow_kwh",
            "sensor",
            Text(en=f"{of.en.capitalize()} tomorrow", de=f"{of.de} morgen"),
            path,
            shown("tomorrow_kwh"),
            more=energy,
            about="foreseen for the whole day",
        )
        yield Entity(
            f"{kind}_error",
            "sensor",
            Text(en=f"{of.en.capitalize()} forecast error", de=f"Prognosefehler {of.de}"),
            path,
            "(value_json.accuracy[0].nmae * 100) | round(0) if value_json.accuracy else 'None'",
            more={**DIAGNOSTIC, **PERCENT, "icon": "mdi:chart-bell-curve"},
            attributes=(path, described("{'accuracy': value_json.accuracy, 'method': value_json.method}")),
            about="mean error in % of the mean, of the last 7 days' forecasts for the next 24 h",
        )
        yield Entity(
            f"{kind}_coverage",
            "sensor",
            Text(en=f"{of.en.capitalize()} forecast coverage", de=f"Prognoseabdeckung {of.de}"),
            path,
            "(value_json.accuracy[0].coverage * 100) | round(0) "
            "if value_json.accuracy and value_json.accuracy[0].coverage is defined else 'None'",
            more={**DIAGNOSTIC, **PERCENT, "icon": "mdi:arrow-expand-vertical"},
            disabled=True,
            about="how much of what was measured lay between P10 and P90; 80 is perfect",
        )


FORECASTS = tuple(_rows())
