"""Writes what is generated in docs/ and nix/; with ``--check`` only tells what is out of date (exit status 1)."""

import json
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ems.contract.broker import rights_page
from ems.contract.service import SERVICES
from ems.demo.commands.dashboard import to_yaml as yaml_text
from ems.homeassistant.dashboard.cards import Shape
from ems.homeassistant.discovery.page import tables
from ems.runtime.settings import ServiceSettings
from reference_pages import pages, setting_rows

ROOT = Path(__file__).parent.parent
ENTITIES = "## Every device and entity"
"""Where the generated part of docs/home-assistant.md begins."""
SCHEMAS = ("docs/schemas", "nix/generated/settings")
"""Folders in which every JSON file is generated."""


def main(arguments: list[str]) -> int:
    """Writes or checks; prints each page concerned."""
    texts = {f"docs/{name}": text for name, text in pages().items()} | nix_pages()
    texts["docs/settings.md"] = settings_page()
    texts["docs/home-assistant.md"] = home_assistant_page()
    texts |= dashboards()
    stale = []
    for name, text in texts.items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    orphans = {str(p.relative_to(ROOT)) for folder in SCHEMAS for p in (ROOT / folder).glob("*.json")} - set(texts)
    for name in sorted(stale):
        print(f"{name}: {'out of date, run make docs' if '--check' in arguments else 'written'}")
    for name in sorted(orphans):
        print(f"{name}: belongs to nothing, remove it")
    return 1 if "--check" in arguments and (stale or orphans) else 0


def nix_pages() -> dict[str, str]:
    """What the Nix side knows of the Python side: the rights on the broker, and every service's settings."""
    found = {"nix/generated/access.json": rights_page()}
    for service, settings in _settings().items():
        schema = json.dumps(_steady(settings.model_json_schema()), indent=2, sort_keys=True, ensure_ascii=False)
        found[f"nix/generated/settings/{service}.json"] = f"{schema}\n"
    return found


def home_assistant_page() -> str:
    """docs/home-assistant.md: written by hand up to its last heading, below which all entities stand."""
    written = (ROOT / "docs" / "home-assistant.md").read_text(encoding="utf-8")
    return f"{written.partition(ENTITIES)[0]}{ENTITIES}\n\n{tables()}"


def dashboards() -> dict[str, str]:
    """The dashboard of the demo's home, in both languages."""
    cars = {"limo": "Limousine", "mini": "Kleiner Flitzer"}
    home = Shape(
        loadpoints={"1": "Garage", "2": "Carport"},
        cars=cars,
        clouds=frozenset({"limo"}),
    )
    files = {"en": "dashboard.yaml", "de": "dashboard.de.yaml"}
    return {
        f"docs/home-assistant/{file}": _HEAD + yaml_text(replace(home, language=said)) for said, file in files.items()
    }


def settings_page() -> str:
    """docs/settings.md."""
    lines = [_INTRO]
    common = set(ServiceSettings.model_fields)
    lines += ["## Every service", "", *_rows(ServiceSettings, common)]
    for service, settings in _settings().items():
        lines += [f"## {service}", "", *_rows(settings, set(settings.model_fields) - common)]
    return "\n".join(lines)


_HEAD = """# The dashboard of the demo's home. `ems dashboard` makes one for yours; see docs/home-assistant.md.
"""
_INTRO = """# Settings

One file a service, YAML or JSON, given by `--config FILE`. Generated from the settings' models; `make docs` writes it
anew.

`SERVICE --check --config FILE` says in words what a file would do, and asks everything that it names (broker and
rights, evcc, InfluxDB, cars, Telegram) whether it would work, within ten seconds: exit status 0, or 1 where something
does not. `--offline` asks nobody. `ems check FOLDER` does it for all services. A wrong setting is exit status 78; an
unknown key is an error that names the nearest known one.

Times are written as "7:00" or "07:00", yes and no also as on and off; a text may look like a number (`pin: 0123`). The
broker may be `broker.example`, `broker.example:1883`, `mqtts://broker.example` or `::1`.

A setting that ends in `_credential` holds the *name* of a credential (a file in `$CREDENTIALS_DIRECTORY`) or the
absolute path of a file with mode 0600, never the secret itself.
"""


def _settings() -> dict[str, type[ServiceSettings]]:
    """The settings of every service that exists."""
    found: dict[str, type[ServiceSettings]] = {}
    for service in SERVICES:
        module = f"{service.replace('-', '_')}.settings"
        if find_spec(module.partition(".")[0]) is not None and find_spec(module) is not None:
            found[service] = import_module(module).Settings
    return found


def _rows(settings: type[ServiceSettings], names: set[str]) -> list[str]:
    schema = _steady(settings.model_json_schema())
    schema["properties"] = {n: p for n, p in schema["properties"].items() if n in names}
    return ["| setting | type | unit | default | what |", "|---|---|---|---|---|", *setting_rows(schema), ""]


def _steady(part: Any) -> Any:
    """A schema that is the same text every time: sets come in any order, and a group's default repeats its parts'."""
    if isinstance(part, list):
        return [_steady(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("uniqueItems") and "default" in part:
        part = part | {"default": sorted(part["default"])}
    return {
        key: _steady(value)
        for key, value in part.items()
        if not ("$ref" in part and key == "default" and isinstance(value, dict))
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
