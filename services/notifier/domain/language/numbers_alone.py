"""What a number means that nothing beside it explains: an hour, a SoC, or one of the two."""

from collections.abc import Sequence

from notifier.domain.language.facts import (
    Ahead,
    Bare,
    Clock,
    Date,
    DayOfMonth,
    DaySpan,
    During,
    Fact,
    NextWeek,
    Soc,
    Span,
    Style,
    Weekday,
    Weekend,
)
from notifier.domain.language.understood import MAX_PCT, MIN_PCT, Expecting, Unclear

_MAX_HOUR = 24
_MIN_HOUR = 5
"""A smaller number is no hour that anybody leaves at without saying more."""
_DAYS = (Ahead, Weekday, Date, DayOfMonth, DaySpan, Weekend, During, NextWeek)

type Choices = list[list[Fact]]


def placed(said: Sequence[Fact], expecting: Expecting | None) -> Choices | Unclear:
    """``said`` with its bare numbers explained; several when there are several explanations."""
    bare = [f for f in said if isinstance(f, Bare)]
    rest: list[Fact] = [f for f in said if not isinstance(f, Bare)]
    if any(not _possible(b) for b in bare):
        return Unclear.NOT_A_SOC if all(not _is_clock(b) for b in bare) else Unclear.NONSENSE
    match bare:
        case []:
            return [rest]
        case [number]:
            return _one(number, rest, expecting)
        case [first, second]:
            return _two(first, second, rest)
    return Unclear.NONSENSE


def _one(number: Bare, rest: list[Fact], expecting: Expecting | None) -> Choices | Unclear:
    has_soc = any(isinstance(f, Soc) for f in rest)
    timed = any(isinstance(f, Clock | Span) for f in rest)
    has_day = any(isinstance(f, _DAYS) for f in rest)
    as_hour, as_soc = [*rest, _hour(number)], [*rest, Soc(float(number.number))]
    small = number.number <= _MAX_HOUR or _is_clock(number)
    if has_soc and timed:
        return Unclear.NONSENSE
    if has_soc:
        return [as_hour] if small else Unclear.NONSENSE
    if timed:
        return [as_soc] if not small or expecting is Expecting.HOW_FULL else Unclear.NONSENSE
    if not small:
        return [as_soc] if not _may_be_day(number, rest) else [as_soc, [*rest, DayOfMonth(number.number)]]
    if has_day:
        return [as_hour] if not _may_be_day(number, rest) else [as_hour, [*rest, DayOfMonth(number.number)]]
    return _alone(number, as_hour, as_soc, expecting)


def _alone(number: Bare, as_hour: list[Fact], as_soc: list[Fact], expecting: Expecting | None) -> Choices | Unclear:
    match expecting:
        case Expecting.WHEN:
            return [as_hour]
        case Expecting.HOW_FULL:
            return [as_soc]
    if number.number < MIN_PCT or _is_clock(number):
        # An hour perhaps; to be confirmed.
        return Unclear.NOT_A_SOC if number.number == 0 else [as_hour, as_soc]
    return [as_hour, as_soc]


def _two(first: Bare, second: Bare, rest: list[Fact]) -> Choices | Unclear:
    """7 80 and 80 7: the hour is the one that can be one."""
    if any(isinstance(f, Soc | Clock | Span) for f in rest):
        return Unclear.NONSENSE
    hours = [b for b in (first, second) if b.number <= _MAX_HOUR]
    if len(hours) != 1:
        return Unclear.NONSENSE
    hour = hours[0]
    soc = second if hour is first else first
    said = any(isinstance(f, _DAYS) for f in rest)
    usual = hour.number >= _MIN_HOUR and (hour is second or hour.number <= 12)
    choice = [*rest, _hour(hour), Soc(float(soc.number))]
    if said or usual:
        return [choice] if not _may_be_day(hour, rest) else Unclear.NONSENSE
    return Unclear.NONSENSE


def _hour(bare: Bare) -> Clock:
    if _is_clock(bare):
        return Clock(bare.number // 100, bare.number % 100, Style.EXACT)
    return Clock(bare.number, 0, Style.WORDS if bare.words else Style.FIGURES)


def _is_clock(bare: Bare) -> bool:
    """1830 is a time when it stands beside a SoC or a day."""
    return 1000 <= bare.number < 2400 and bare.number % 100 < 60 and bare.number % 5 == 0


def _possible(bare: Bare) -> bool:
    return bare.number <= MAX_PCT or _is_clock(bare)


def _may_be_day(number: Bare, rest: Sequence[Fact]) -> bool:
    """Friday 20 may be the 20th."""
    return 12 < number.number <= 31 and any(isinstance(f, Weekday) for f in rest)
