"""What the count of savings means."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SavingsMethod:
    """How savings are counted, and what is not known of them."""

    kind: ClassVar = "savings_method"
    efficiency_pct: float
    """How far the battery's efficiency may be from what is set: that makes the span."""
