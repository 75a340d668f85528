"""What a device could do instead, and what that would change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ems.contract.site import BatteryMode, LoadpointMode


class Instead(StrEnum):
    """What could be done."""

    NOT_BUYING = "not_buying"
    """The battery: nothing from the grid."""
    USING_STORED = "using_stored"
    KEEPING_STORED = "keeping_stored"
    STORING_SUN = "storing_sun"
    FEEDING_IN = "feeding_in"
    BUYING = "buying"
    """The battery: from the grid."""
    OTHER_MODE = "other_mode"
    """The battery: the second-best mode over all likely loads. A car: the one that comes nearest to the plan."""
    NOT_CHARGING = "not_charging"
    WAITING = "waiting"
    OTHER_HOURS = "other_hours"
    CHARGING = "charging"


class Suffers(StrEnum):
    """Whose requirement an alternative would not keep."""

    STORAGE = "storage"
    """A goal or a trip."""
    IMPORT_LIMIT = "import_limit"
    EXPORT_LIMIT = "export_limit"


@dataclass(frozen=True, slots=True)
class Alternative:
    """What could be done instead; either money, or energy that somebody lacks then."""

    kind: ClassVar = "alternative"
    instead: Instead
    at: datetime | None = None
    """When, where the stretch does not begin now."""
    until: datetime | None = None
    """Of waiting."""
    kwh: float | None = None
    """How much, where that is not clear."""
    mode: BatteryMode | LoadpointMode | None = None
    more_eur: float | None = None
    """What it costs more; 0 where that is not worth a word. None where somebody's requirement suffers."""
    expected: bool = False
    """Whether that is a mean over likely loads."""
    suffers: Suffers | None = None
    who: str | None = None
    """Whose goal or trip; None for the battery's."""
    short_kwh: float = 0.0
    """How much is missing then, or too much for a limit."""
    further: bool = False
    """Whether something is missing as it is."""
