"""EVCC-Smartload's vehicles.yaml, as it is, in our words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ems.runtime import smartload
from ems.runtime.settings import SettingsError
from vehicle_soc.settings import MIN_INTERVAL_MINUTES

_SAME = {
    "user": "username",
    "type": "provider",
    "template": "provider",
    "capacity": "capacity_kwh",
    "poll_interval_minutes": "interval_minutes",
    "poll_interval": "interval_minutes",
    "soc_path": "soc",
    "json_path": "soc",
    "enabled": "disabled",
}
"""Its keys that we name otherwise."""
_PROVIDERS = {
    "renault": {"provider": "renault"},
    "dacia": {"provider": "renault"},
    "kia": {"provider": "hyundai_kia", "brand": "kia"},
    "hyundai": {"provider": "hyundai_kia", "brand": "hyundai"},
    "genesis": {"provider": "hyundai_kia", "brand": "genesis"},
    "custom": {"provider": "http"},
    "http": {"provider": "http"},
    "evcc": {"provider": "evcc"},
    "manual": {"provider": "manual"},
}
_MEANINGLESS = {
    "charge_power_kw": "evcc knows what the car and the charger can do",
    "max_charge_power_kw": "evcc knows what the car and the charger can do",
}
_UNUSED = {
    "renault": ("region", "brand", "pin", "url", "headers", "soc", "soc_regex"),
    "hyundai_kia": ("locale", "url", "headers", "soc", "soc_regex"),
    "http": ("vin", "pin", "region", "brand", "locale"),
}
_SECRET = ("password", "pin", "headers")
_NO_CLOUD = ("username", "password", "pin", "vin", "region", "brand", "locale", "url", "headers", "soc", "soc_regex")


def read(path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The cars in the file by name, with our keys, and what of it is understood otherwise here, a line each.

    Raises:
        SettingsError: the file cannot be read, is open to others, or is not such a file; the text says how to mend it.
    """
    file = smartload.read(path)
    entries = file.entries("vehicles")
    if file.readable_by_others and any(entry.get(key) for entry in entries for key in _SECRET):
        raise SettingsError(f"{path} holds passwords and can be read by others; `chmod 600 {path}`")
    cars: dict[str, dict[str, Any]] = {}
    notes = [f"{path}: {key} is not known here" for key in file.strangers("vehicles")]
    for entry in entries:
        try:
            name, car, more = convert(entry)
        except ValueError as why:
            raise SettingsError(f"{path}: vehicle {why}") from None
        if name in cars:
            raise SettingsError(f"{path}: two vehicles are named {name!r}, whatever their capitals and blanks")
        cars[name] = car
        notes += [f"{path}: {note}" for note in more]
    return cars, notes


def convert(entry: dict[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
    """One car: its name, its settings in our words, and what is understood otherwise here.

    Raises:
        ValueError: it has no usable name, or no type that we know.
    """
    title, name = smartload.title_and_key(entry.get("name"))
    car, notes = _renamed(name, entry)
    if title != name:
        car.setdefault("title", title)
        notes.append(
            f"{title!r} is called {name} here; where evcc names it otherwise, say so in evcc-poller's vehicle_names"
        )
    kind = str(car.pop("provider", "")).strip().lower()
    if kind not in _PROVIDERS:
        raise ValueError(f"{name}: the type {kind!r} is not known; known are {', '.join(sorted(_PROVIDERS))}")
    provider = _PROVIDERS[kind]["provider"]
    for key in _UNUSED.get(provider, _NO_CLOUD):
        if car.pop(key, None) is not None:
            notes.append(f"{name}: {key} has no meaning for {provider} and is passed over")
    notes += [f"{name}: {note}" for note in _within_bounds(car)]
    # The last word on the brand has the file, but its type usually says it.
    return name, {**_PROVIDERS[kind], **car}, notes


def _renamed(name: str, entry: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    car: dict[str, Any] = {}
    notes: list[str] = []
    for key, value in entry.items():
        if key == "name" or value is None or value == "":
            continue
        if key in _MEANINGLESS:
            notes.append(f"{name}: {key} has no meaning here ({_MEANINGLESS[key]})")
            continue
        ours = _SAME.get(key, key)
        if ours in car:
            raise ValueError(f"{name}: {key} says again what another key says")
        try:
            match key:
                case "enabled":
                    car[ours] = not smartload.flag(value)
                case "disabled":
                    car[ours] = smartload.flag(value)
                case _:
                    car[ours] = value
        except ValueError as why:
            raise ValueError(f"{name}: {key} {why}") from None
    return car, notes


def _within_bounds(car: dict[str, Any]) -> Iterator[str]:
    """Puts what the predecessor allowed within our bounds; yields what was changed."""
    minutes = car.get("interval_minutes")
    if isinstance(minutes, int | float) and minutes < MIN_INTERVAL_MINUTES:
        car["interval_minutes"] = MIN_INTERVAL_MINUTES
        yield f"asked every {MIN_INTERVAL_MINUTES} min and not every {minutes:g}: clouds repeat themselves sooner"
    if car.get("capacity_kwh") == 0:
        del car["capacity_kwh"]
        yield "a capacity of 0 is none; evcc's own is taken"
