"""How days and parts of days are said."""

from collections.abc import Sequence
from dataclasses import replace

from notifier.domain.language.clock_rules import BEHIND_A_DAY, EXPLAINED, dotted
from notifier.domain.language.facts import (
    Ahead,
    Clock,
    Date,
    DayOfMonth,
    During,
    Either,
    Fact,
    NextWeek,
    Part,
    Soc,
    Style,
    Unknown,
    Veto,
    Weekday,
    Weekend,
    Which,
)
from notifier.domain.language.patterns import Row, rule
from notifier.domain.language.tokens import Kind, Token

SUNDAY = 6
_NUMBERED_DAYS = frozenset({"am", "zum", "bis am", "bis zum"})
"""Behind these a number is a day of the month, with or without a dot."""


def _weekday(row: Row) -> Sequence[Fact]:
    token, day = row.of(Kind.WEEKDAY)[0], row.of(Kind.WEEKDAY)[0].number
    if (
        token.text == "do"
        and not token.capital
        and len(row.tokens) == 1
        and not row.follows(Kind.AT, Kind.PART, Kind.CLOCK)
    ):
        # Thursday's abbreviation, or the English verb.
        return (Either(((Weekday(day),), ())),) if row.after or row.before else (Weekday(day),)
    return (Weekday(day, Which.NEXT if row.has(Kind.NEXT) else Which.COMING),)


def _sunday(row: Row) -> Sequence[Fact]:
    """So um 8, So 8 Uhr, 80 % so um 8."""
    token, after = row.tokens[0], row.after
    sunday, nothing = (Weekday(SUNDAY),), ()
    begins = token.first or token.parted
    if after is None or after.parted:
        return sunday if token.capital else (Veto(),)
    if after.kind in {Kind.AT, Kind.BY, Kind.PART, Kind.FULL}:
        if not token.capital:
            return nothing
        return (Either((sunday, nothing)),) if begins else sunday
    if after.kind in {
        Kind.NUMBER,
        Kind.DOTTED,
        Kind.DECIMAL,
        Kind.CLOCK,
        Kind.DATE,
        Kind.HALF,
        Kind.QUARTER,
        Kind.QUARTERS3,
    }:
        return sunday if token.capital else (Either((sunday, nothing)),)
    return nothing


def _morgen(row: Row) -> Sequence[Fact]:
    """Morgen is tomorrow; behind a day it is its morning."""
    behind_a_day = row.preceded(Kind.WEEKDAY, Kind.AHEAD) and not row.tokens[0].parted
    return (During(Part.MORNING),) if behind_a_day else (Ahead(1),)


def _part(row: Row) -> Sequence[Fact]:
    part = row.of(Kind.PART)[0].value
    if part is Part.TONIGHT:
        return (Ahead(0), During(Part.TONIGHT))
    if not isinstance(part, Part):
        return (Veto(),)
    today = row.has(Kind.THIS)
    return (Ahead(0), During(part)) if today else (During(part),)


def _date(row: Row) -> Sequence[Fact] | None:
    """20. November, November 20th, the 20th of November 2026."""
    month, day = row.of(Kind.MONTH)[0], row.of(Kind.NUMBER, Kind.DOTTED, Kind.ORDINAL)[0]
    if any(t.text not in {"of", "the", "den", "der", "am"} for t in row.of(Kind.FILLER, Kind.ON)):
        return None
    if row.tokens[-1] is not month and row.follows(*EXPLAINED):
        return None
    numbers = row.of(Kind.NUMBER, Kind.DOTTED, Kind.ORDINAL)
    year = numbers[-1].number if len(numbers) > 1 else None
    if year is not None and not row.tokens[-1].parted and 25 <= year < 50:
        year += 2000
    if year is not None and not 2000 <= year < 2100:
        return None
    return (Date(month.number, day.number, year),)


def _day_of_month(row: Row) -> Sequence[Fact] | None:
    """Am 20., on the 20th, am zwanzigsten."""
    day = row.of(Kind.NUMBER, Kind.DOTTED, Kind.ORDINAL)[0]
    cue = row.tokens[0]
    if row.follows(*EXPLAINED) or (row.follows(Kind.FILLER) and row.after and row.after.text == "of"):
        return None
    numbered = cue.kind is Kind.ON and cue.text in _NUMBERED_DAYS
    if day.kind is Kind.NUMBER and not numbered and not day.stop:
        return None
    if day.kind is Kind.ORDINAL and day.spoken and cue.kind not in {Kind.ON, Kind.WEEKDAY}:
        return (Veto(),)
    if day.kind is Kind.DOTTED and cue.kind not in {Kind.ON, Kind.WEEKDAY}:
        return (Veto(),)
    found: list[Fact] = [Weekday(cue.number)] if cue.kind is Kind.WEEKDAY else []
    return (*found, DayOfMonth(day.number) if 1 <= day.number <= 31 else Veto())


def _not_one_day(_: Row) -> Sequence[Fact]:
    """20.-22.11.: from one day to another."""
    return (Veto(),)


def _in_figures(row: Row) -> Sequence[Fact]:
    value = row.tokens[0].value
    return (value,) if isinstance(value, Date) else (Veto(),)


def _with_year(row: Row) -> Sequence[Fact] | None:
    """13.11. 2026: the year stands apart."""
    date, year = row.tokens[0].value, row.tokens[1].number
    if not isinstance(date, Date) or date.year is not None or not 2025 <= year < 2030:
        return None
    return (replace(date, year=year),)


def _slashed(row: Row) -> Sequence[Fact]:
    """11/19 is American, 19/11 is not, and 5/6 may be either."""
    one, other, year = row.tokens[0].value if isinstance(row.tokens[0].value, tuple) else (0, 0, None)
    american, european = Date(one, other, year), Date(other, one, year)
    if one == other or other > 12:
        return (american,)
    return (european,) if one > 12 else (Either(((american, Unknown("/")), (european, Unknown("/")))),)


def _decimal(row: Row) -> Sequence[Fact]:
    """20.11 is a day, 7.30 a time, 62,5 a SoC."""
    token = row.tokens[0]
    clock, date = _dotted_clock(token), _dotted_date(token)
    if clock and (row.preceded(Kind.AT) or (row.preceded(*BEHIND_A_DAY) and not (date and clock.minute % 5))):
        return (clock,)
    if date and clock and clock.minute % 5 == 0 and not row.preceded(Kind.ON):
        return (Either(((date,), (clock, Unknown(".")))),)
    if date or clock:
        return (date or clock or Veto(),)
    return (Soc(token.real),) if token.real > 31 else (Veto(),)


def _dotted_clock(token: Token) -> Clock | None:
    found = dotted(token)
    if found is None or "," in token.text:
        return None
    return Clock(*found, Style.EXACT if token.text.startswith("0") else Style.FIGURES)


def _dotted_date(token: Token) -> Date | None:
    day, _, month = token.text.partition(".")
    if not (day.isdigit() and month.isdigit() and len(month) <= 2):
        return None
    return Date(int(month), int(day)) if 1 <= int(day) <= 31 and 1 <= int(month) <= 12 else None


RULES = (
    rule("next|this? weekday", _weekday),
    rule("so", _sunday),
    rule("morgen", _morgen),
    rule("this? part", _part),
    rule("midnight", lambda _: (Clock(24, 0, Style.EXACT), During(Part.NIGHT))),
    rule("ahead", lambda row: (Ahead(row.tokens[0].number),)),
    rule("weekend", lambda row: (Veto(),) if row.preceded(Kind.NEXT) else (Weekend(),)),
    rule("nextweek", lambda _: (NextWeek(),)),
    rule("on? nth filler|dash? month num", _date),
    rule("on? nth filler|dash? month", _date),
    rule("month on? nth num", _date),
    rule("month on? nth", _date),
    rule("weekday on? dotted|ordinal", _day_of_month),
    rule("on nth", _day_of_month),
    rule("month nth dash num", _not_one_day),
    rule("nth dash nth month", _not_one_day),
    rule("num|date dash date", _not_one_day),
    rule("dotted dash", _not_one_day),
    rule("dotted|ordinal", _day_of_month),
    rule("date num", _with_year),
    rule("date", _in_figures),
    rule("slashed", _slashed),
    rule("decimal", _decimal),
)
