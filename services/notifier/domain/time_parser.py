"""What people mean by ``80 %``, ``um 14:30``, ``in 3h``, ``morgen früh``, ``tomorrow 7am``, ``Freitag 6 Uhr``.

Everything is heard in the site's zone and becomes a moment in UTC; what is not wholly understood is not understood.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ems.house.calendar import utc
from notifier.domain.time_patterns import (
    DAYS_AHEAD,
    FORENOON,
    MONTHS,
    MORNING,
    NOON,
    PARTS,
    PATTERNS,
    WEEKDAYS,
)

MIN_PCT, MAX_PCT = 10, 100
"""Range of a goal's SoC, in %."""
MAX_AHEAD = timedelta(days=31)
"""Farthest departure that is understood."""
NIGHT_ENDS = timedelta(hours=4)
"""Hours after midnight that still belong to the day before: who writes "tomorrow" then has not slept yet."""


@dataclass(frozen=True, slots=True)
class ParsedGoal:
    """What was said; either may be missing, not both. ``departure`` is in UTC."""

    soc_pct: float | None = None
    departure: datetime | None = None


class ParseError(StrEnum):
    """Why something was not understood."""

    NONSENSE = "nonsense"
    PAST = "past"
    TOO_FAR = "too_far"
    NOT_A_SOC = "not_a_soc"


@dataclass(slots=True)
class _Draft:
    """What the words have said so far."""

    soc_pct: float | None = None
    span: timedelta | None = None
    clock: time | None = None
    next_day: bool = False
    """24:00 and midnight are the end of the day that is said."""
    ampm: bool = False
    part: int | None = None
    ahead: int | None = None
    weekday: int | None = None
    date: tuple[int | None, int, int] | None = None
    """Year (if said), month, day."""
    number: int | None = None

    @property
    def says_when(self) -> bool:
        return self.clock is not None or self.part is not None or self.says_day

    @property
    def says_day(self) -> bool:
        return self.ahead is not None or self.weekday is not None or self.date is not None


def parse(text: str, now: datetime, zone: ZoneInfo) -> ParsedGoal | ParseError:
    """What ``text`` says at ``now``."""
    draft = _Draft()
    words, at = " ".join(text.lower().split()), 0
    while at < len(words):
        found = next(((kind, m) for kind, p in PATTERNS if (m := p.match(words, at))), None)
        if found is None or not _take(draft, *found):
            return ParseError.NONSENSE
        at = found[1].end()
        # A word ends where another begins: "3hund" is not 3 h.
        if at < len(words) and words[at - 1].isalpha() and words[at].isalpha():
            return ParseError.NONSENSE
    return _meaning(draft, now, zone)


def _meaning(draft: _Draft, now: datetime, zone: ZoneInfo) -> ParsedGoal | ParseError:
    if draft.number is not None and not _place_number(draft, draft.number):
        return ParseError.NONSENSE
    if draft.soc_pct is not None and not MIN_PCT <= draft.soc_pct <= MAX_PCT:
        return ParseError.NOT_A_SOC
    if draft.span is not None and not draft.says_when:
        return _checked(draft.soc_pct, now + draft.span, now)
    if draft.says_when and draft.span is None and (day := _day(draft, now.astimezone(zone))):
        return _checked(draft.soc_pct, _moment(draft, day, now, zone), now)
    if draft.soc_pct is None or draft.says_when:
        return ParseError.NONSENSE
    return ParsedGoal(draft.soc_pct)


def _checked(soc_pct: float | None, departure: datetime, now: datetime) -> ParsedGoal | ParseError:
    if departure <= now:
        return ParseError.PAST
    return ParseError.TOO_FAR if departure - now > MAX_AHEAD else ParsedGoal(soc_pct, departure)


def _place_number(draft: _Draft, number: int) -> bool:
    """A number alone is an hour when a day was said that lacks one, and a SoC otherwise."""
    if draft.says_when and draft.clock is None and number < 24:
        draft.clock = time(number)
        return True
    if draft.soc_pct is None and number >= MIN_PCT:
        draft.soc_pct = float(number)
        return True
    return False


def _day(draft: _Draft, local: datetime) -> date | None:
    """The day that is meant; None when there is no such day."""
    if draft.date is not None:
        year, month, day = draft.date
        try:
            found = date(year or local.year, month, day)
            return found.replace(year=local.year + 1) if year is None and found < local.date() else found
        except ValueError:
            return None
    if draft.ahead:
        return (local - NIGHT_ENDS).date() + timedelta(days=draft.ahead)
    if draft.weekday is not None:
        return local.date() + timedelta(days=(draft.weekday - local.weekday()) % 7)
    return local.date()


def _moment(draft: _Draft, day: date, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a day, a part of it and a clock time mean together."""
    clock = draft.clock or time(MORNING if draft.part is None else draft.part)
    if draft.clock and not draft.ampm and draft.part is not None and draft.part >= NOON and 0 < clock.hour < NOON:
        # "abends um 8"; but at noon it may be 11:30.
        clock = clock if draft.part == NOON and clock.hour > FORENOON else clock.replace(hour=clock.hour + 12)
    one = timedelta(days=1)
    day += one if draft.next_day else timedelta(0)
    moment = utc(day, clock, zone)
    if moment <= now and draft.date is None and draft.ahead is None:
        # The clock time or weekday that comes next was meant.
        moment = utc(day + (one if draft.weekday is None else 7 * one), clock, zone)
    return moment


def _take(draft: _Draft, kind: str, m: re.Match[str]) -> bool:
    """Puts what a pattern found into the draft; False when it contradicts or makes no sense."""
    groups = {name: value or "" for name, value in m.groupdict().items()}
    match kind:
        case "filler":
            return True
        case "percent" | "full" | "number":
            return _take_number(draft, kind, groups)
        case "half_hour" | "one_hour" | "span":
            return _take_span(draft, kind, groups)
        case "date" | "iso_date" | "named_date":
            return _take_date(draft, groups)
        case "days_ahead" | "part" | "today_morning" | "weekday":
            return _take_day(draft, kind, groups.get("word", ""))
    return _take_clock(draft, kind, groups)


def _take_number(draft: _Draft, kind: str, groups: dict[str, str]) -> bool:
    if kind == "number":
        return _set(draft, "number", int(groups["number"]))
    return _set(draft, "soc_pct", 100.0 if kind == "full" else float(groups["number"].replace(",", ".")))


def _take_span(draft: _Draft, kind: str, groups: dict[str, str]) -> bool:
    if kind != "span":
        return _set(draft, "span", timedelta(minutes=30 if kind == "half_hour" else 60))
    hours = float(groups.get("hours", "").replace(",", ".") or 0)
    return _set(draft, "span", timedelta(hours=hours, minutes=int(groups["minutes"] or 0)))


def _take_day(draft: _Draft, kind: str, word: str) -> bool:
    if kind == "weekday":
        return _set(draft, "weekday", WEEKDAYS[word])
    if kind == "today_morning":
        return _set(draft, "ahead", 0) and _set(draft, "part", MORNING)
    if word == "tonight":
        return _set(draft, "ahead", 0) and _set(draft, "part", PARTS[word])
    if kind == "part":
        return _set(draft, "part", PARTS[word])
    if word == "morgen" and draft.says_day:
        # "Freitag morgen": the morning.
        return _set(draft, "part", MORNING)
    return _set(draft, "ahead", DAYS_AHEAD[word])


def _take_date(draft: _Draft, groups: dict[str, str]) -> bool:
    year = int(groups["year"]) if groups["year"] else None
    month = MONTHS[groups["name"]] if "name" in groups else int(groups["month"])
    return _set(draft, "date", (year, month, int(groups["day"])))


def _take_clock(draft: _Draft, kind: str, groups: dict[str, str]) -> bool:
    if kind == "midnight":
        draft.next_day = True
        return _set(draft, "clock", time(0))
    hour, minute = int(groups["hour"]), int(groups.get("minute") or 0)
    match kind:
        case "half_to":
            hour, minute = hour - 1, 30
        case "past":
            minute = 30 if groups["quarter"] == "half past" else 15
        case "before":
            hour, minute = hour - 1, 45
    if ampm := groups.get("ampm"):
        if not 1 <= hour <= 12:
            return False
        hour = hour % 12 + (12 if ampm.startswith("p") else 0)
        draft.ampm = True
    if hour == 24 and minute == 0:
        draft.next_day, hour = True, 0
    if not (0 <= hour < 24 and minute < 60):
        return False
    return _set(draft, "clock", time(hour, minute))


def _set(draft: _Draft, name: str, value: object) -> bool:
    """Sets what was not said yet."""
    if getattr(draft, name) is not None:
        return False
    setattr(draft, name, value)
    return True
