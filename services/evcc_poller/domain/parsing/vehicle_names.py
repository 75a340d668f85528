"""Translates between evcc's names of vehicles and ours, as the settings say and never silently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ALLOWED = re.compile(r"[a-z0-9_-]{1,64}")
"""Names that are allowed on the bus, where they become topics and entities."""


@dataclass(frozen=True, slots=True)
class VehicleNames:
    """Both directions of the setting ``vehicle_names`` (evcc's name: our name)."""

    ours: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def our_name(self, evccs: str) -> str | None:
        """Our name for a vehicle that evcc names ``evccs``; None when its name needs a line in the settings."""
        name = self.ours.get(evccs, evccs)
        return name if ALLOWED.fullmatch(name) else None

    def evccs_name(self, ours: str) -> str:
        """Evcc's name for a vehicle that we name ``ours``."""
        return next((evccs for evccs, name in self.ours.items() if name == ours), ours)
