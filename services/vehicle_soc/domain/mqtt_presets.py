"""Where programs that publish cars over MQTT put the values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A topic, and where in its payload the value stands (empty: the payload is the value)."""

    topic: str
    path: str = ""


type Places = dict[str, Place]
"""By the field of a reading: soc, range, plugged_in, charging, measured_at."""


def car_connectivity(prefix: str, vin: str) -> Places:
    """CarConnectivity's MQTT plug-in (VW, Skoda, Seat, Cupra, Audi, Volvo)."""
    car = f"{prefix}/garage/{vin}"
    return {
        "soc": Place(f"{car}/drives/primary/level"),
        "range": Place(f"{car}/drives/primary/range"),
        "plugged_in": Place(f"{car}/charging/connector/connection_state"),
        "charging": Place(f"{car}/charging/state"),
    }


def teslamate(prefix: str, car_id: str) -> Places:
    """TeslaMate; ``since`` is another thing than the time of the measurement, and is left alone."""
    car = f"{prefix}/cars/{car_id}"
    return {
        "soc": Place(f"{car}/battery_level"),
        "range": Place(f"{car}/est_battery_range_km"),
        "plugged_in": Place(f"{car}/plugged_in"),
        "charging": Place(f"{car}/charging_state"),
    }


def statestream(prefix: str, entity: str) -> Places:
    """Home Assistant's ``mqtt_statestream`` of one sensor, such as ``sensor.born_battery``."""
    return {"soc": Place(f"{prefix}/{entity.replace('.', '/', 1)}/state")}
