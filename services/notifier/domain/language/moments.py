"""From days, parts of days and clock times to the moments that may be meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from notifier.domain.language.facts import (
    Ahead,
    Clock,
    Date,
    DayFact,
    DayOfMonth,
    DaySpan,
    Part,
    Span,
    Style,
    Weekday,
    Weekend,
    Which,
)
from notifier.domain.language.understood import FARTHEST, Unclear

_HOUR, _DAY = 60, 24 * 60
"""In minutes."""
NIGHT_ENDS = 4
"""Who writes "tomorrow" at half past midnight has not slept yet, and means the morning that comes."""
_EARLY = 5 * _HOUR
"""Before this time of day nobody leaves without saying that it is night."""
_DAYLIGHT = 6 * _HOUR
_USUAL = {Part.MORNING: 7, Part.NOON: 12, Part.EVENING: 19}
"""The hours that a part of the day stands for when no clock time is said; a day alone is its morning."""
_UNUSUAL = {Part.FORENOON: (9, 10), Part.AFTERNOON: (14, 16), Part.NIGHT: (22, 24), Part.TONIGHT: (19, 22)}
"""Parts of the day that stand for no hour: what is proposed."""
_WINDOWS = {
    Part.MORNING: (0, 12),
    Part.FORENOON: (6, 12.01),
    Part.NOON: (11, 15),
    Part.AFTERNOON: (12, 19),
    Part.EVENING: (17, 24.01),
    Part.NIGHT: (20, 30),
    Part.TONIGHT: (18, 29),
}
"""From and to, in hours after the midnight before; beyond 24 it is the day after."""


@dataclass(frozen=True, slots=True)
class When:
    """What a message says about time."""

    clock: Clock | None = None
    offset_min: int | None = None
    fold: int | None = None
    """Which hour is said where the clock shows it twice, as datetime's."""
    part: Part | None = None
    days: tuple[DayFact, ...] = ()
    span: Span | None = None
    day_span: DaySpan | None = None

    @property
    def says_day(self) -> bool:
        """Whether a day is said, not only a time of day."""
        return bool(self.days) or self.day_span is not None


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments that may be meant, in UTC. Even a single one is asked back when it is not ``sure``."""

    options: tuple[datetime, ...]
    sure: bool = True


def moments(when: When, written: datetime, zone: ZoneInfo) -> Moments | Unclear:
    """The moments that ``when`` may mean in a message of ``written``."""
    if when.span is not None:
        today = when.days == (Ahead(0),)
        if (when.says_day and not today) or when.clock or when.part:
            return Unclear.NONSENSE
        return _in_reach(_on_the_clock(written + when.span.length, zone), written)
    if when.clock is None and when.part is None and when.day_span is not None and not when.days:
        local = written.astimezone(zone)
        return _in_reach(
            _placed([_at(local.date(), local.hour * 60 + local.minute, when.day_span.days)], when, zone), written
        )
    local = written.astimezone(zone)
    now = local.replace(tzinfo=None)
    found = _local(when, now)
    if isinstance(found, Unclear):
        return found
    options, sure = found
    back = (local.utcoffset() or timedelta()) - (local.replace(fold=1).utcoffset() or timedelta())
    if local.fold == 0 and back > timedelta(0) and not when.says_day:
        # The clock will be set back: what it has shown already, it shows once more.
        earlier = _local(when, now - back)
        shown = [] if isinstance(earlier, Unclear) else [m for m in earlier[0] if m not in options]
        options, sure = [*shown, *options], sure and not shown
    return _in_reach(_placed(options, when, zone, sure=sure), written)


def _local(when: When, now: datetime) -> tuple[list[datetime], bool] | Unclear:
    """The moments on the clock of the place, and whether they are sure."""
    minutes = _minutes(when)
    if not minutes:
        return Unclear.NONSENSE
    sure = when.clock is not None or when.part not in _UNUSUAL
    if not when.says_day:
        return _without_day(when, minutes, now), sure
    if (when.days, when.part) in {((Ahead(0),), Part.NIGHT), ((Ahead(0),), Part.TONIGHT)}:
        return [_first(minute, now) for minute in minutes], sure
    named = _dates(when, now)
    if isinstance(named, Unclear):
        return named
    dates, agreed = named
    sure = sure and agreed
    today = dates == [now.date()] and Ahead(0) in when.days
    if today and when.clock is not None and when.part is None:
        return _later_today(when.clock, minutes, now), sure and _at(now.date(), minutes[0]) > now
    found = [moment for day in dates for minute in minutes for moment in _of_night(day, minute, when)]
    if len(dates) > 1 and Weekday in {type(d) for d in when.days} and agreed:
        # The day of this name is today: when its hour has passed, the next one is meant.
        found = [m for m in found if m > now]
    if Ahead(1) in when.days and now.hour < NIGHT_ENDS and all(m.hour >= 12 for m in found):
        found += [m + timedelta(days=1) for m in found]
    return found, sure


def _without_day(when: When, minutes: Sequence[int], now: datetime) -> list[datetime]:
    """The next moments that the clock shows this."""
    if when.clock is not None and when.part is None and when.clock.style is Style.DIAL:
        soonest = min(
            _first(minute, now) for minute in (minutes[0] % (12 * _HOUR), minutes[0] % (12 * _HOUR) + 12 * _HOUR)
        )
        return [soonest] if soonest.hour * _HOUR >= _EARLY else [soonest, soonest + timedelta(hours=12)]
    if when.clock is not None and when.part is None and when.clock.style is Style.SPOKEN and len(minutes) > 1:
        # "Halb zwei" at noon is in an hour and a half.
        this_afternoon = _at(now.date(), minutes[1])
        return [this_afternoon] if minutes[0] < _EARLY and this_afternoon > now else [_first(m, now) for m in minutes]
    return [_first(minute, now) for minute in minutes]


def _first(minute: int, now: datetime) -> datetime:
    """The next time that it is ``minute`` minutes after midnight."""
    return next(m for ahead in (-1, 0, 1, 2) if (m := _at(now.date(), minute, ahead)) > now)


def _later_today(clock: Clock, minutes: Sequence[int], now: datetime) -> list[datetime]:
    """Today at 7, said at noon, may be 19:00."""
    found = [m for minute in minutes if (m := _at(now.date(), minute)) > now]
    if found or clock.style is Style.EXACT:
        return found or [_at(now.date(), minutes[0])]
    return [_at(now.date(), minutes[0] + 12 * _HOUR)] if minutes[0] < 12 * _HOUR else [_at(now.date(), minutes[0])]


def _of_night(day: date, minute: int, when: When) -> Iterator[datetime]:
    """The hours after midnight belong to the night of the day before, or to the day itself: people say both."""
    yield _at(day, minute)
    if minute >= _DAY and when.part in {Part.NIGHT, Part.TONIGHT} and (when.clock is None or when.clock.hour != 24):
        yield _at(day, minute - _DAY)
    elif when.clock is not None and when.clock.hour == 24 and when.part is Part.NIGHT and when.days != (Ahead(0),):
        yield _at(day, 0)


def _minutes(when: When) -> list[int]:
    """The times of day that may be meant, in minutes after midnight; several when it is not clear."""
    clock, part = when.clock, when.part
    if clock is None:
        if part is None:
            return [_USUAL[Part.MORNING] * _HOUR]
        return [hour * _HOUR for hour in _UNUSUAL.get(part) or (_USUAL[part],)]
    said = clock.hour * _HOUR + clock.minute
    if part is not None:
        low, high = (hour * _HOUR for hour in _WINDOWS[part])
        shifts: tuple[int, ...] = (0, _DAY) if clock.style is Style.EXACT else (0, 12 * _HOUR, _DAY)
        if clock.style is not Style.EXACT and clock.hour == 12 and part in {Part.NIGHT, Part.TONIGHT, Part.EVENING}:
            shifts = (12 * _HOUR,)
        return [said + shift for shift in shifts if low <= said + shift < high][:1]
    return _by_style(said, clock, day_said=when.says_day)


def _by_style(said: int, clock: Clock, *, day_said: bool) -> list[int]:
    noon, half_a_day = 12 * _HOUR, 12 * _HOUR
    if clock.style is Style.EXACT or said >= 13 * _HOUR:
        return [said]
    if said < _HOUR:
        # 0:30 is written so on purpose; "halb eins" is half an hour after noon.
        return [said] if clock.style is Style.FIGURES else [said + half_a_day]
    if said < _EARLY:
        return [said, said + half_a_day]
    if said >= noon or clock.style is Style.DIAL:
        return [said]
    doubtful = clock.style is Style.WORDS or said < _DAYLIGHT
    return [said, said + half_a_day] if doubtful and not day_said else [said]


def _dates(when: When, now: datetime) -> tuple[list[date], bool] | Unclear:
    """The days that may be meant, and whether all of the words for a day agree on them."""
    names = [day for day in when.days if isinstance(day, Weekday)]
    exact = [day for day in when.days if isinstance(day, Date | DayOfMonth)]
    choices: list[list[date]] = []
    for day in exact or when.days:
        found = _days_of(day, now)
        if isinstance(found, Unclear):
            return found
        choices.append(found)
    if when.day_span is not None:
        choices.append([now.date() + timedelta(days=when.day_span.days)])
    agreed = [d for d in choices[0] if all(d in other for other in choices[1:])]
    others = [day for day in when.days if day not in exact and not isinstance(day, Weekday)] if exact else []
    for day in others:
        found = _days_of(day, now)
        agreed = [d for d in agreed if not isinstance(found, Unclear) and d in found]
    # A date says which of the days of that name is meant.
    if exact and names:
        agreed = [d for d in agreed if d.weekday() == names[0].number]
    if agreed:
        return (agreed[:1] if exact else agreed), True
    return list(dict.fromkeys(d for choice in choices for d in choice[: 1 if exact else None])), False


def _days_of(day: DayFact, now: datetime) -> list[date] | Unclear:
    today = now.date()
    match day:
        case Ahead(days):
            # Until the night is over it is still yesterday to who is awake.
            return [today if days == 0 else (now - timedelta(hours=NIGHT_ENDS)).date() + timedelta(days=days)]
        case Weekday(number, which):
            return _weekday(number, which, today)
        case Weekend():
            return (
                _weekday(5, Which.COMING, today) if today.weekday() < 5 else [today, _weekday(5, Which.NEXT, today)[-1]]
            )
        case Date(month, number, year):
            return _date(month, number, year, today)
        case DayOfMonth(number):
            return _day_of_month(number, today)


def _weekend(today: date) -> list[date]:
    """The next Saturday; on a weekend it may be this one."""
    return _weekday(5, Which.COMING, today) if today.weekday() < 5 else [today, _weekday(5, Which.NEXT, today)[-1]]


def _day_of_month(number: int, today: date) -> list[date] | Unclear:
    ahead = (today + timedelta(days=n) for n in range(70))
    return [found for found in ahead if found.day == number] or Unclear.NONSENSE


def _weekday(number: int, which: Which, today: date) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    coming = today + timedelta(days=(number - today.weekday()) % 7)
    if which is Which.NEXT_WEEK:
        return [monday + timedelta(days=7 + number)]
    week = timedelta(days=7)
    if coming == today:
        return [coming + week] if which is Which.NEXT else [coming, coming + week]
    # Next Friday, said on Wednesday, is in two days to some and in nine to others.
    return [coming, coming + week] if which is Which.NEXT and number > today.weekday() else [coming]


def _date(month: int, number: int, year: int | None, today: date) -> list[date] | Unclear:
    try:
        found = date(year or today.year, month, number)
        return [found.replace(year=today.year + 1) if year is None and found < today else found]
    except ValueError:
        pass
    try:
        # The 29th of February of next year.
        return [date(today.year + 1, month, number)] if year is None else Unclear.NONSENSE
    except ValueError:
        return Unclear.NONSENSE


def _at(day: date, minute: int, ahead: int = 0) -> datetime:
    return datetime.combine(day, time()) + timedelta(days=ahead, minutes=minute)  # the clock of the place


def _placed(found: Sequence[datetime], when: When, zone: ZoneInfo, *, sure: bool = True) -> Moments:
    """Moments of the place's clock (or of the offset that was said) in UTC."""
    options: list[datetime] = []
    for moment in found:
        if when.offset_min is not None:
            options.append(moment.replace(tzinfo=timezone(timedelta(minutes=when.offset_min))).astimezone(UTC))
            continue
        first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first == second or when.fold is not None:
            options.append(second if when.fold else first)
        else:
            # The clock shows it twice, or never.
            sure = False
            options += sorted((first, second))
    return Moments(tuple(dict.fromkeys(options)), sure)


def _on_the_clock(moment: datetime, zone: ZoneInfo) -> Moments:
    """A moment that was reckoned; in an hour that the clock shows twice people may mean the other one."""
    local = moment.astimezone(zone)
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return Moments((first,)) if first == second else Moments((first, second), sure=False)


def _in_reach(found: Moments, written: datetime) -> Moments | Unclear:
    ahead = [m for m in found.options if m > written]
    near = tuple(sorted(m for m in ahead if m - written <= FARTHEST))
    if not ahead:
        return Unclear.PAST
    return Moments(near, found.sure) if near else Unclear.TOO_FAR
