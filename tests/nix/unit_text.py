"""Units as systemd reads them, from what NixOS would make them of."""

from collections.abc import Mapping
from typing import Any


def unit_text(service: Mapping[str, Any]) -> str:
    """The text of a unit file; lists become one line an element, as NixOS writes them."""
    unit = {
        "Description": service.get("description", ""),
        "After": " ".join(service.get("after", ())),
        "Wants": " ".join(service.get("wants", ())),
        "Requires": " ".join(service.get("requires", ())),
        "PartOf": " ".join(service.get("partOf", ())),
        **service.get("unitConfig", {}),
    }
    environment = [f'"{name}={value}"' for name, value in service.get("environment", {}).items()]
    sections = {
        "Unit": {key: value for key, value in unit.items() if value != ""},
        "Service": {"Environment": environment, **service["serviceConfig"]},
        "Install": {"WantedBy": service.get("wantedBy", [])},
    }
    return "\n".join(f"[{name}]\n{_lines(section)}" for name, section in sections.items())


def _lines(section: Mapping[str, Any]) -> str:
    return "".join(
        f"{key}={_word(each)}\n"
        for key, value in section.items()
        for each in (value if isinstance(value, list) else [value])
    )


def _word(value: object) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
