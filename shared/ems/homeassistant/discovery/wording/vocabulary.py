"""What one language has to say."""

from collections.abc import Mapping
from dataclasses import dataclass

from ems.contract.message import Language


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's names and states. A further language is one file with one of these."""

    language: Language
    names: Mapping[str, str]
    """Of devices, models and entities, by key; ``{name}`` and the like are filled in."""
    states: Mapping[str, Mapping[str, str]]
    """What people read for a word of the bus, by the enumeration's name."""
