"""Where programs that publish cars over MQTT put the values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ValueLocation:
    """A topic, and where in its payload the value stands (empty: the payload is the value)."""

    topic: str
    path: str = ""


type ValueLocations = dict[str, ValueLocation]
"""By the field of a reading: soc, range, plugged_in, charging, measured_at."""


def car_connectivity(prefix: str, vin: str) -> ValueLocations:
    """CarConnectivity's MQTT plug-in (VW, Skoda, Seat, Cupra, Audi, Volvo)."""
    car = f"{prefix}/garage/{vin}"
    return {
        "soc": ValueLocation(f"{car}/drives/primary/level"),
        "range": ValueLocation(f"{car}/drives/primary/range"),
        "plugged_in": ValueLocation(f"{car}/charging/connector/connection_state"),
        "charging": ValueLocation(f"{car}/charging/state"),
    }


def teslamate(prefix: str, car_id: str) -> ValueLocations:
    """TeslaMate; ``since`` is another thing than the time of the measurement, and is left alone."""
    car = f"{prefix}/cars/{car_id}"
    return {
        "soc": ValueLocation(f"{car}/battery_level"),
        "range": ValueLocation(f"{car}/est_battery_range_km"),
        "plugged_in": ValueLocation(f"{car}/plugged_in"),
        "charging": ValueLocation(f"{car}/charging_state"),
    }


def statestream(prefix: str, entity: str) -> ValueLocations:
    """Home Assistant's ``mqtt_statestream`` of one sensor, such as ``sensor.born_battery``."""
    return {"soc": ValueLocation(f"{prefix}/{entity.replace('.', '/', 1)}/state")}
