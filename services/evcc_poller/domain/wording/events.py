"""What happens to cars at a loadpoint. A car or a loadpoint without a name is None, or a number."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A car has come."""

    kind: ClassVar = "plugged_in"
    who: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A car has left."""

    kind: ClassVar = "unplugged"
    who: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Charged:
    """A car has reached the limit that evcc charges to."""

    kind: ClassVar = "charged"
    who: str | None
    soc_pct: float


type CarEvent = PluggedIn | Unplugged | Charged
