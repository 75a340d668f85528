"""What stands in ``vehicle.doubt``: why a state of charge is not certain.

The records are kept over restarts: the names of their fields, and their kinds, are the keys of the stored memory.
"""

from dataclasses import dataclass
from typing import ClassVar

from vehicle_soc.domain.wording.problems import InOwnWords


@dataclass(frozen=True, slots=True)
class NoPercentage:
    """A number that no battery has."""

    kind: ClassVar[str] = "no_percentage"
    source: str
    value: float


@dataclass(frozen=True, slots=True)
class FromFuture:
    """A SoC that was measured in the future."""

    kind: ClassVar[str] = "from_future"
    source: str
    soc_pct: float
    ahead_min: float


@dataclass(frozen=True, slots=True)
class AgainstRange:
    """SoC and range do not belong together."""

    kind: ClassVar[str] = "against_range"
    source: str
    soc_pct: float
    range_km: float


@dataclass(frozen=True, slots=True)
class OutOfNothing:
    """Exactly 0 or 100 % out of nothing; ``last_pct`` None: nothing was known before."""

    kind: ClassVar[str] = "out_of_nothing"
    source: str
    soc_pct: float
    last_pct: float | None = None


@dataclass(frozen=True, slots=True)
class AgainstCable:
    """Another SoC than the car on the cable can have."""

    kind: ClassVar[str] = "against_cable"
    source: str
    soc_pct: float
    expected_pct: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A change that no drive and no charger makes in the time."""

    kind: ClassVar[str] = "jump"
    source: str
    soc_pct: float
    last_pct: float
    within_min: float


@dataclass(frozen=True, slots=True)
class BeforeTrip:
    """The newest reading is from before the car was driven; ``here``: it is back."""

    kind: ClassVar[str] = "before_trip"
    soc_pct: float
    here: bool


@dataclass(frozen=True, slots=True)
class Undated:
    """The source does not say when it was measured; ``zoneless``: it does, but not in which zone."""

    kind: ClassVar[str] = "undated"
    source: str
    zoneless: bool


type Implausible = NoPercentage | FromFuture | AgainstRange | OutOfNothing | AgainstCable | Jump | InOwnWords
"""Why a reading cannot be true by itself."""
IMPLAUSIBLE = (NoPercentage, FromFuture, AgainstRange, OutOfNothing, AgainstCable, Jump, InOwnWords)
"""The same, one by one."""
type Doubt = Implausible | BeforeTrip | Undated
