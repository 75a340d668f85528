"""When a wish is, as people type it: ``17-20``, ``22:00-6:00 daily``, ``Sat 8:00 - Sun 20:00``, ``24.12. 18:00``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ems.contract.message import Language
from ems.contract.validation import in_words
from ems.contract.wishes import AskedWish, Weekday, Wish, WishKind
from ems.house.calendar import EVERY_DAY, dates
from ems.i18n.languages import LOCALES
from tariff_planner.domain.inputs.weekly import moment
from tariff_planner.domain.wording.renderer import TIME_WORDS

EXAMPLES: Mapping[WishKind, str] = {
    WishKind.HOLD_BATTERY: "17-20, 17:30-20:00 daily, 5.12. 17-20",
    WishKind.CHARGE_BATTERY: "2-4, 2:00-4:30 mon-fri",
    WishKind.PAUSE_VEHICLE: "22:00, tomorrow 6:00, 17-20 daily",
    WishKind.CHARGE_VEHICLE: "13-15, tomorrow 11:30-14:00",
    WishKind.TRIP: "Sat 8:00 - Sun 20:00 40 kWh, 5.12. 8:00-18:00",
    WishKind.ABSENCE: "24.12. 18:00, 5.12. - 12.12., Sunday",
    WishKind.WEEKLY_GOAL: "80 % 7:00 mon-fri",
}
"""What may be typed."""


class NotUnderstood(ValueError):
    """The words name no time; the text says which part, and what would be understood."""


_DAILY, _WORKDAYS, _WEEKEND, _EVERY, _TO = (
    frozenset(word for words in TIME_WORDS.values() for word in choose(words))
    for choose in (
        attrgetter("daily"),
        attrgetter("workdays"),
        attrgetter("weekend"),
        attrgetter("every"),
        attrgetter("to"),
    )
)
_ALL_DAYS = {words.day for words in TIME_WORDS.values()}
_AHEAD = {word: days for words in TIME_WORDS.values() for word, days in words.days_ahead.items()}
_FILLERS = frozenset(word for words in TIME_WORDS.values() for word in words.fillers)
_NAMES: Mapping[str, Weekday] = {
    name.casefold(): day
    for locale in LOCALES.values()
    for names in (locale.weekdays, locale.short_weekdays)
    for name, day in zip(names, EVERY_DAY, strict=True)
}
_PLURALS: Mapping[str, Weekday] = {f"{name}s": day for name, day in _NAMES.items() if len(name) > 3}
_DAY = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_SEVERAL = re.compile(
    rf"\b(?:{_DAY})(?:\s*(?:[-\u2013,]|\bto\b|\bbis\b|\btot\b|\band\b|\bund\b|\ben\b)\s*(?:{_DAY})\b)+"
)
_WITH_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d)[t ](\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(z|[+-]\d\d:?\d\d)")
_TOKEN = re.compile(
    r"(?P<kwh>\d+(?:[.,]\d+)?)\s*kwh|(?P<pct>\d+(?:[.,]\d+)?)\s*%|(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<date>\d{1,2}\.\d{1,2}\.(?:\d{4})?)|(?P<clock>\d{1,2}[:.]\d{2})(?::\d{2})?"
    r"|(?P<hour>\d{1,2})(?!\d)|(?P<word>[^\W\d_]+)\.?|(?P<to>[-\u2013])|(?P<skip>[\s,;]+)|(?P<odd>.)"
)


@dataclass(slots=True)
class _Moment:
    """A moment as far as it was named."""

    day: date | None = None
    at: time | None = None
    midnight_after: bool = False
    """24:00: the day's end."""
    weekday: bool = False
    """The day was named by its weekday: today, or the same in a week."""


@dataclass(slots=True)
class _Read:
    """What was found in the words."""

    moments: list[_Moment]
    days: tuple[Weekday, ...] = ()
    kwh: float | None = None
    soc_pct: float | None = None


def understood(asked: AskedWish, now: datetime, zone: ZoneInfo) -> Wish:
    """The wish with its times, from its words where it has them.

    Raises:
        NotUnderstood: with what would be; never for a wish that has its times and fits its kind.
    """
    given = asked.model_dump(exclude={"words"}, exclude_none=True)
    if asked.words:
        read = _read(asked.words.casefold(), now, zone)
        given |= {"kwh": read.kwh} if read.kwh is not None else {}
        given |= {"soc_pct": read.soc_pct} if read.soc_pct is not None else {}
        start, end, days = _times(asked.kind, read, now, zone)
        given |= {"end": end, "days": days} | ({"start": start} if start is not None else {})
    try:
        return Wish.model_validate(given)
    except ValidationError as error:
        why = in_words(error, Wish).removeprefix("the whole payload: ")
        raise NotUnderstood(f"{why}; such as: {EXAMPLES[asked.kind]}") from None


def written(wish: Wish, zone: ZoneInfo, language: Language = Language.EN) -> str:
    """When a wish is, so that it can be typed again."""
    end = wish.end.astimezone(zone)
    start = wish.start.astimezone(zone) if wish.start else None
    parts = [f"{wish.soc_pct:g} %"] if wish.soc_pct is not None else []
    if wish.days:
        hours = f"{start:%H:%M}-{end:%H:%M}" if start else f"{end:%H:%M}"
        parts += [hours, _days(wish.days, language)]
    elif start is None:
        parts.append(f"{end.day}.{end.month}. {end:%H:%M}")
    elif start.date() == end.date():
        parts.append(f"{start.day}.{start.month}. {start:%H:%M}-{end:%H:%M}")
    else:
        parts.append(f"{start.day}.{start.month}. {start:%H:%M} - {end.day}.{end.month}. {end:%H:%M}")
    return " ".join([*parts, *([f"{wish.kwh:g} kWh"] if wish.kwh is not None else [])])


def _days(days: tuple[Weekday, ...], language: Language) -> str:
    words = TIME_WORDS[language]
    if set(days) == set(EVERY_DAY):
        return words.daily[0]
    names = LOCALES[language].short_weekdays
    listed = ", ".join(names[EVERY_DAY.index(day)] for day in sorted(set(days), key=EVERY_DAY.index))
    return listed if len(set(days)) > 1 else f"{words.every[0]} {listed}"


def _times(
    kind: WishKind, read: _Read, now: datetime, zone: ZoneInfo
) -> tuple[datetime | None, datetime, tuple[Weekday, ...]]:
    """Start (None: now), end and days of what was read."""
    if not 1 <= len(read.moments) <= 2:
        raise NotUnderstood(f"a time is missing, or there are too many; such as: {EXAMPLES[kind]}")
    days = read.days
    if kind is WishKind.WEEKLY_GOAL and not days:
        named = read.moments[-1]
        days = (EVERY_DAY[named.day.weekday()],) if named.day and named.weekday else EVERY_DAY
    today = now.astimezone(zone).date()
    if days:
        today = next(dates(days, today, today + timedelta(days=7)))
    *first, last = read.moments
    if not first:
        end = _resolved(last, last.day or today, zone, end=True)
        if end <= now and not days and (last.day is None or last.weekday):
            end = _resolved(last, (last.day or today) + timedelta(days=7 if last.weekday else 1), zone, end=True)
        return None, end, days
    start_day = first[0].day or today
    start = _resolved(first[0], start_day, zone)
    end = _resolved(last, last.day or start_day, zone, end=True)
    if end <= start and (last.day is None or last.weekday):
        later = timedelta(days=7 if last.weekday else 1)
        end = _resolved(last, (last.day or start_day) + later, zone, end=True)
    if end <= now and not days and (first[0].day is None or first[0].weekday):
        start, end = (_later(m, 7 if first[0].weekday else 1, zone) for m in (start, end))
    return start, end, days


def _later(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return moment(local.date() + timedelta(days=days), local.time(), zone)


def _resolved(named: _Moment, day: date, zone: ZoneInfo, *, end: bool = False) -> datetime:
    """The moment on that day; a day alone begins at its first midnight and ends at its last."""
    if named.midnight_after or (end and named.at is None):
        return moment(day + timedelta(days=1), time(), zone)
    return moment(day, named.at or time(), zone)


def _read(words: str, now: datetime, zone: ZoneInfo) -> _Read:
    local = now.astimezone(zone)
    words, days = _without_days(_WITH_OFFSET.sub(lambda m: _in_zone(m, zone), words))
    read = _Read([_Moment()], days)
    every = False
    for kind, token in _tokens(words):
        one = read.moments[-1]
        match kind:
            case "kwh":
                read.kwh = float(token.replace(",", "."))
            case "pct":
                read.soc_pct = float(token.replace(",", "."))
            case "iso" | "date":
                one = _next_if(read, full=one.day is not None)
                one.day = _date(token, local.date())
            case "clock" | "hour":
                one = _next_if(read, full=one.at is not None or one.midnight_after)
                _set_time(one, token)
            case "to":
                read.moments.append(_Moment())
            case _ if every and token in _ALL_DAYS:
                read.days = EVERY_DAY
            case _ if token in _NAMES or token in _PLURALS:
                day = _NAMES.get(token) or _PLURALS[token]
                if every or token in _PLURALS:
                    read.days = (*read.days, day)
                else:
                    one = _next_if(read, full=one.day is not None)
                    one.day = next(dates((day,), local.date(), local.date() + timedelta(days=7)))
                    one.weekday = True
            case _:
                one.day = _other_word(token, read, local.date()) or one.day
        every = token in _EVERY
    read.moments = [m for m in read.moments if m.day is not None or m.at is not None or m.midnight_after]
    return read


def _other_word(token: str, read: _Read, today: date) -> date | None:
    """The day that a word names, if it names one; what it says otherwise goes to ``read``."""
    if token in _AHEAD:
        return today + timedelta(days=_AHEAD[token])
    if token in _DAILY:
        read.days = EVERY_DAY
    elif token in _WORKDAYS:
        read.days = EVERY_DAY[:5]
    elif token in _WEEKEND:
        read.days = EVERY_DAY[5:]
    elif token in _TO:
        read.moments.append(_Moment())
    elif token not in _FILLERS | _EVERY:
        raise NotUnderstood(f"{token!r} is not understood; such as: {EXAMPLES[WishKind.HOLD_BATTERY]}")
    return None


def _next_if(read: _Read, *, full: bool) -> _Moment:
    """The moment that is being read; another one where it has that part already."""
    if full:
        read.moments.append(_Moment())
    return read.moments[-1]


def _tokens(words: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(words):
        kind = found.lastgroup or "odd"
        if kind == "odd":
            raise NotUnderstood(f"{found.group()!r} is not understood; such as: {EXAMPLES[WishKind.HOLD_BATTERY]}")
        if kind != "skip":
            yield kind, found.group(kind)


def _without_days(words: str) -> tuple[str, tuple[Weekday, ...]]:
    """The words without several days in a row, such as ``mon-fri``, and these days."""
    found: list[Weekday] = []
    for several in _SEVERAL.finditer(words):
        names = re.findall(rf"\b(?:{_DAY})\b", several.group())
        indexes = [EVERY_DAY.index(_NAMES[name]) for name in names]
        if len(names) == 2 and re.search(r"[-\u2013]|\b(?:to|bis|tot)\b", several.group()):
            length = (indexes[1] - indexes[0]) % 7
            indexes = [(indexes[0] + i) % 7 for i in range(length + 1)]
        found += [EVERY_DAY[i] for i in indexes]
    return _SEVERAL.sub(" ", words), tuple(sorted(dict.fromkeys(found), key=EVERY_DAY.index))


def _in_zone(found: re.Match[str], zone: ZoneInfo) -> str:
    day, clock, offset = found.groups()
    at = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset == 'z' else offset}").astimezone(UTC)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _date(token: str, today: date) -> date:
    """``2026-12-05``, ``5.12.2026``, or ``5.12.``: the next one."""
    try:
        if "-" in token:
            year, month, day = map(int, token.split("-"))
            return date(year, month, day)
        parts = [int(part) for part in token.split(".") if part]
        if len(parts) == 3:
            return date(parts[2], parts[1], parts[0])
        this_year = date(today.year, parts[1], parts[0])
        return this_year if this_year >= today else date(today.year + 1, parts[1], parts[0])
    except ValueError:
        raise NotUnderstood(f"{token} is no date") from None


def _set_time(named: _Moment, token: str) -> None:
    hour, minute = (int(part) for part in (*re.split(r"[:.]", token), "0")[:2])
    if (hour, minute) == (24, 0):
        named.midnight_after = True
    elif hour < 24 and minute < 60:
        named.at = time(hour, minute)
    else:
        raise NotUnderstood(f"{token} is no time of day")
