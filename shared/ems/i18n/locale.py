"""What differs between languages where numbers and moments are written."""

from dataclasses import dataclass

from ems.contract.message import Language


@dataclass(frozen=True, slots=True)
class Locale:
    """How one language writes numbers and moments. A further language is one file with one of these."""

    language: Language
    decimal: str
    """Between whole and decimal digits."""
    weekdays: tuple[str, ...]
    """Monday first, as a date's ``weekday()`` counts."""
    short_weekdays: tuple[str, ...]
    months: tuple[str, ...]
    """Short, January first."""
    date: str
    """Of a ``{day}``, a ``{month}``'s short name and its ``{number}``."""
    clock: str
    """Of a ``{time}`` such as 07:00 within a sentence."""
    tomorrow: str
    yesterday: str
    span: str
    """From ``{start}`` to ``{end}``, as it follows a preposition."""
    both: str
    """Between the last two things of a list."""
    summer_time: str
    winter_time: str
    """Which hour is meant where an autumn night has it twice."""
