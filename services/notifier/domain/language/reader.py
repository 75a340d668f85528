"""What a message means: the entrance to the grammar."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from notifier.domain.language.facts import (
    Ahead,
    Bare,
    Clock,
    Date,
    DayOfMonth,
    DaySpan,
    During,
    Either,
    Fact,
    NextWeek,
    Offset,
    Part,
    Soc,
    Span,
    Style,
    Unknown,
    Veto,
    Weekday,
    Weekend,
    Which,
    Wish,
)
from notifier.domain.language.grammar import facts
from notifier.domain.language.lexer import tokens
from notifier.domain.language.moments import When, moments
from notifier.domain.language.normalise import normalise
from notifier.domain.language.numbers_alone import placed
from notifier.domain.language.tokens import Kind, Token
from notifier.domain.language.understood import (
    MAX_PCT,
    MIN_PCT,
    Ambiguous,
    Expecting,
    Intent,
    Reading,
    Unclear,
    Understood,
)

MAX_CHARACTERS = 300
MAX_READINGS = 32
MAX_ALTERNATIVES = 4
_DAY_FACTS = (Ahead, Weekday, Date, DayOfMonth, Weekend)
_CHARGE = frozenset({"lade", "lad", "laden", "charge", "charging"})
_SAYS_SOC = frozenset({Kind.PERCENT, Kind.FULL, Kind.SOC, Kind.CUE, Kind.TO})
_WEEK = 7
_POLITE = frozenset({Intent.YES})
"""Said beside a wish, it adds nothing."""


def understand(
    text: str,
    written: datetime,
    zone: ZoneInfo,
    *,
    cars: Sequence[str] = (),
    expecting: Expecting | None = None,
) -> Reading:
    """What ``text``, written at ``written`` in ``zone``, says.

    ``cars`` are names that may stand in it; ``expecting`` is what the open question asks for.
    """
    if len(text) > MAX_CHARACTERS:
        return Unclear.NONSENSE
    rest, mentioned = without_cars(normalise(text), cars)
    read = tokens(rest)
    said = [*facts(read), *_begins(read)]
    found = _reading(said, written, zone, expecting)
    match found:
        case Understood():
            return replace(found, cars=mentioned)
        case Ambiguous(alternatives):
            return Ambiguous(tuple(replace(a, cars=mentioned) for a in alternatives))
    return found


def _begins(read: Sequence[Token]) -> list[Fact]:
    """Doubt when a message may say from when on to charge, instead of when the car is needed."""
    kinds = {t.kind for t in read}
    begin = any(t.text in {"ab", "from"} for t in read)
    charges = any(t.text in _CHARGE for t in read)
    doubtful = charges and not kinds & {Kind.BY, Kind.VOR} and (begin or not kinds & _SAYS_SOC)
    return [Unknown("from")] if doubtful else []


def span_of(text: str) -> timedelta | None:
    """How long ``text`` says, such as ``2h`` or ``eine halbe Stunde``; minutes when it is a bare number."""
    match facts([_as_length(token) for token in tokens(normalise(text))]):
        case [Span(length)]:
            return length
        case [Either(options)] if spans := [f.length for option in options for f in option if isinstance(f, Span)]:
            return spans[0]
        case [Bare(number)]:
            return timedelta(minutes=number)
    return None


def _as_length(token: Token) -> Token:
    """Where a length is said, "uur" counts hours: Dutch has one word for them and for o'clock."""
    return replace(token, kind=Kind.HOURS) if token.tongue == "nl" and token.kind is Kind.OCLOCK else token


def says_nothing(text: str) -> bool:
    """Whether ``text`` holds nothing but words such as "the" and "please"."""
    return not facts(tokens(normalise(text)))


def without_cars(text: str, cars: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """A normalised message without the names of cars, and those that it has, as they were handed in."""
    found = []
    for car in sorted(cars, key=len, reverse=True):
        name = normalise(car)
        if not name:
            continue
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?:'?s)?(?!\w)", re.IGNORECASE)
        text, times = pattern.subn(" ", text)
        if times:
            found.append(car)
    return text, tuple(found)


def _reading(said: Sequence[Fact], written: datetime, zone: ZoneInfo, expecting: Expecting | None) -> Reading:
    sure, good, bad = True, list[Understood](), list[Unclear]()
    for facts_ in _readings(said):
        found = _single(facts_, written, zone, expecting)
        match found:
            case Understood():
                good.append(found)
            case Ambiguous(alternatives):
                good += alternatives
                sure = False
            case why:
                bad.append(why)
    good = list(dict.fromkeys(good))
    if len(good) == 1 and sure:
        return good[0]
    if good and len(good) <= MAX_ALTERNATIVES:
        return Ambiguous(tuple(good))
    return bad[0] if bad else Unclear.NONSENSE


def _readings(said: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Every choice among what can be read in several ways."""
    options = [fact.options if isinstance(fact, Either) else ((fact,),) for fact in said]
    for count, choice in enumerate(product(*options)):
        if count >= MAX_READINGS:
            return
        yield [fact for part in choice for fact in part]


def _single(said: list[Fact], written: datetime, zone: ZoneInfo, expecting: Expecting | None) -> Reading:
    """The meaning of facts that contain no choice."""
    for fact in said:
        if isinstance(fact, Veto):
            return fact.why
    weekdays = {f.number for f in said if isinstance(f, Weekday)}
    if len(weekdays) > 1:
        return Unclear.RECURRING
    words = [f for f in said if isinstance(f, Unknown) and f.word.isalpha()]
    if words and all(isinstance(f, Bare | Unknown) for f in said):
        return Unclear.NONSENSE
    choices = placed(said, expecting)
    if isinstance(choices, Unclear):
        return choices
    sure = len(choices) == 1 and not any(isinstance(f, Unknown) for f in said)
    found: list[Understood] = []
    why = Unclear.NONSENSE
    for choice in choices:
        match _meaning(choice, written, zone):
            case Understood() as meaning:
                found.append(meaning)
            case Ambiguous(alternatives):
                found += alternatives
                sure = False
            case unclear:
                why = unclear
    if not found:
        return why
    return found[0] if len(found) == 1 and sure else Ambiguous(tuple(found))


def _meaning(said: Sequence[Fact], written: datetime, zone: ZoneInfo) -> Reading:
    socs = [f.pct for f in said if isinstance(f, Soc)]
    wishes = {f.intent for f in said if isinstance(f, Wish)}
    wishes = wishes - _POLITE or wishes
    if len(socs) > 1 or len(wishes) > 1:
        return Unclear.NONSENSE
    if socs and not MIN_PCT <= socs[0] <= MAX_PCT:
        return Unclear.NOT_A_SOC
    soc_pct, wish = next(iter(socs), None), next(iter(wishes), None)
    when = _when(said)
    if isinstance(when, Unclear):
        return when
    if when == When():
        return _without_time(soc_pct, wish)
    return Unclear.NONSENSE if wish not in _POLITE | {None} else _timed(soc_pct, when, written, zone)


def _timed(soc_pct: float | None, when: When, written: datetime, zone: ZoneInfo) -> Reading:
    found = moments(when, written, zone)
    if isinstance(found, Unclear):
        return found
    meanings = tuple(Understood(soc_pct, moment) for moment in found.options)
    return meanings[0] if len(meanings) == 1 and found.sure else Ambiguous(meanings)


def _without_time(soc_pct: float | None, wish: Intent | None) -> Reading:
    if soc_pct is None:
        return Unclear.NONSENSE if wish is None else Understood(intent=wish)
    if wish is None or wish in _POLITE:
        return Understood(soc_pct)
    if wish is Intent.NO_HURRY:
        return Understood(soc_pct, intent=wish)
    # "Nein, 80 %", "jetzt 80 %".
    return Ambiguous((Understood(soc_pct),)) if wish in {Intent.NO, Intent.NOW} else Unclear.NONSENSE


def _when(said: Sequence[Fact]) -> When | Unclear:
    """What the facts say about time; not clear when they contradict each other."""
    clocks = list(dict.fromkeys(f for f in said if isinstance(f, Clock)))
    parts = {f.part for f in said if isinstance(f, During)}
    spans = [f for f in said if isinstance(f, Span)]
    day_spans = [f for f in said if isinstance(f, DaySpan)]
    offsets = [f for f in said if isinstance(f, Offset)]
    days = [f for f in said if isinstance(f, _DAY_FACTS)]
    if Part.TONIGHT in parts and len(parts) > 1:
        parts -= {Part.NIGHT}
    if any(isinstance(f, NextWeek) for f in said):
        if not any(isinstance(d, Weekday) for d in days):
            return Unclear.NONSENSE
        days = [Weekday(d.number, Which.NEXT_WEEK) if isinstance(d, Weekday) else d for d in days]
    clock = _one_clock(clocks)
    if isinstance(clock, Unclear) or max(len(parts), len(spans), len(day_spans), len(offsets)) > 1:
        return Unclear.NONSENSE
    if day_spans and days == [Ahead(0)] and day_spans[0].days % _WEEK == 0:
        # Heute in einer Woche; "heute in acht Tagen" is one as well, to some.
        days = []
    if (offsets and clock is None) or (day_spans and days):
        return Unclear.NONSENSE
    return When(
        clock,
        offsets[0].minutes if offsets else None,
        offsets[0].fold if offsets else None,
        next(iter(parts), None),
        tuple(dict.fromkeys(days)),
        spans[0] if spans else None,
        day_spans[0] if day_spans else None,
    )


def _one_clock(clocks: Sequence[Clock]) -> Clock | Unclear | None:
    """19:00 and 7pm are one; 7 and 8 are two."""
    if not clocks:
        return None
    if len({(c.hour, c.minute) for c in clocks}) > 1:
        return Unclear.NONSENSE
    return next((c for c in clocks if c.style is Style.EXACT), clocks[0])
