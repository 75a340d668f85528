"""EVCC-Smartload's vehicles.yaml, as it is, in our words."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import yaml

from ems.runtime import yaml12
from ems.runtime.settings import SettingsError

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
    """The cars in the file by name, with our keys, and what of it has no meaning here, a line each.

    Raises:
        SettingsError: the file cannot be read, is open to others, or is not such a file; the text says how to mend it.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read().decode()
    except OSError as why:
        raise SettingsError(f"{path}: {(why.strerror or 'cannot be read').lower()}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8 text") from None
    try:
        found = yaml12.load(text)
    except yaml.MarkedYAMLError as why:
        line = why.problem_mark.line + 1 if why.problem_mark else "?"
        raise SettingsError(f"{path}: not YAML at line {line}") from None
    except yaml.YAMLError:
        raise SettingsError(f"{path}: not YAML") from None
    entries = _entries(found, path)
    if mode & 0o077 and any(entry.get(key) for entry in entries for key in _SECRET):
        raise SettingsError(f"{path} holds passwords and can be read by others; `chmod 600 {path}`")
    cars: dict[str, dict[str, Any]] = {}
    warnings: list[str] = []
    for entry in entries:
        name, car, notes = convert(entry)
        if name in cars:
            raise SettingsError(f"{path}: two vehicles are named {name!r}")
        cars[name] = car
        warnings += [f"{path}: {note}" for note in notes]
    return cars, warnings


def convert(entry: dict[str, Any]) -> tuple[str, dict[str, Any], list[str]]:
    """One car: its name, its settings in our words, and what has no meaning here.

    Raises:
        SettingsError: it has no usable name, or no type that we know.
    """
    name = entry.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
        raise SettingsError(
            f"vehicle {name!r}: a name may have a-z, 0-9, _ and - only, because it becomes a topic; rename it "
            "here, and tell evcc-poller under vehicle_names which of evcc's vehicles it is"
        )
    car, notes = _renamed(name, entry)
    kind = str(car.pop("provider", "")).strip().lower()
    if kind not in _PROVIDERS:
        raise SettingsError(
            f"vehicle {name}: the type {kind!r} is not known; known are {', '.join(sorted(_PROVIDERS))}"
        )
    provider = _PROVIDERS[kind]["provider"]
    for key in _UNUSED.get(provider, _NO_CLOUD):
        if car.pop(key, None) is not None:
            notes.append(f"{name}: {key} has no meaning for {provider} and is passed over")
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
            raise SettingsError(f"vehicle {name}: {key} says again what another key says")
        car[ours] = (not value) if key == "enabled" else value
    for key in ("pin", "username", "password"):
        if isinstance(car.get(key), int):
            car[key] = str(car[key])  # 1234 without quotes
    return car, notes


def _entries(found: object, path: Path) -> list[dict[str, Any]]:
    """The list of cars, from a list, from ``vehicles: [...]`` or from names as keys."""
    if isinstance(found, dict) and "vehicles" in found:
        found = found["vehicles"]
    if isinstance(found, dict):
        found = [{"name": name, **car} for name, car in found.items() if isinstance(car, dict)]
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise SettingsError(f"{path}: must be a list of vehicles, or `vehicles:` with one below")
    return found
