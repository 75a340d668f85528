"""What differs between evcc's versions, in one place."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of evcc speaks."""

    name: str
    version: str | None
    """As ``/api/state`` tells it; not always there."""
    idle: str
    """Whose idle values stand in ``data/idle-state.json``."""
    battery_object: bool = True
    """``battery`` is an object with devices; before, a list and ``batteryPower``, ``batterySoc`` beside it."""
    holdcharge: bool = True
    smart: bool = False
    """``pv`` and ``minpv`` have become ``smart`` with ``alwaysCharge``."""
    history: bool = True
    temperature_tariff: bool = True
    health: bool = False
    plans_wrapped: bool = False
    """Repeating plans are sent as ``{"plans": [...]}``, and single plans carry a ``precondition``."""
    plan_in_state: bool = True
    feedin_forecast: bool = True
    forecast_pairs: bool = True
    """Forecasts are ``[start, end, value]`` in unix seconds; before, objects as the tariffs' rates."""
    vehicle_read_delay_s: float = 0.0
    """How long ``vehicleSoc`` stays 0 after plugging in."""
    json_type: str = "application/json"


DIALECTS = {
    d.name: d
    for d in (
        Dialect(
            "0.207",
            version=None,
            idle="0.207",
            battery_object=False,
            holdcharge=False,
            history=False,
            temperature_tariff=False,
            health=True,
            plans_wrapped=True,
            plan_in_state=False,
            feedin_forecast=False,
            forecast_pairs=False,
            vehicle_read_delay_s=180.0,
            json_type="application/json; charset=UTF-8",
        ),
        Dialect(
            "0.300",
            version="0.300.8",
            idle="0.300",
            battery_object=False,
            holdcharge=False,
            history=False,
            temperature_tariff=False,
            forecast_pairs=False,
            json_type="application/json; charset=UTF-8",
        ),
        Dialect("0.313", version="0.313.2", idle="0.313"),
        Dialect("0.316", version="0.316.0", idle="0.313", smart=True),
    )
}
"""The versions that can be played. 0.316 is made from what is known of its changes; the others were recorded."""


@cache
def idle_state(name: str) -> dict[str, Any]:
    """Keys of the state that the simulated home does not move, for ``site``, ``loadpoint`` and ``vehicle``."""
    text = files("ems.simulator.rest").joinpath("data/idle-state.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)[name]
    return found
