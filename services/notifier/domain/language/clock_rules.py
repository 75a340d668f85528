"""How times of day and spans of time are said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from notifier.domain.language.facts import Clock, DayOfMonth, DaySpan, Either, Fact, Soc, Span, Style, Veto
from notifier.domain.language.patterns import Row, rule
from notifier.domain.language.tokens import Kind, Token
from notifier.domain.language.understood import Unclear

MAX_HOUR = 24
EXPLAINED = (
    *(Kind.PERCENT, Kind.OCLOCK, Kind.AMPM, Kind.H, Kind.HOURS, Kind.MINUTES, Kind.DAYS, Kind.WEEKS, Kind.MONTH),
    *(Kind.VOR, Kind.NACH, Kind.ENOUGH),
)
"""What stands behind a number and tells what it counts."""
BEHIND_A_DAY = (Kind.AHEAD, Kind.MORGEN, Kind.PART, Kind.MONTH, Kind.DATE)
"""What 7.10 follows when it is a time."""
_IN_MINUTES = (5, 10, 20, 25)
_MINUTES, _LIKELY_SOC = 60, 30
"""Minutes of an hour, and the number from which on one may be a SoC as well."""
_LINKS = frozenset({"vor", "nach", "to", "past", "voor", "over"})
_QUARTERS = frozenset({30, 45})
"""Minutes that are said behind full hours; with fewer than :data:`_LIKELY_SOC` nobody wants to leave."""
_LASTING = frozenset({"für", "for", "noch"})
"""Behind these a span is how long something takes."""


def _clock(hour: int, minute: int, style: Style, half: Token | None = None) -> tuple[Fact, ...]:
    """A time of day; ``half`` is its a.m. or p.m."""
    if half is not None:
        if not 1 <= hour <= 12:
            return (Veto(),)
        hour, style = hour % 12 + (12 if half.value == "p" else 0), Style.EXACT
    if not (0 <= hour < MAX_HOUR and 0 <= minute < 60) and (hour, minute) != (MAX_HOUR, 0):
        return (Veto(),)
    return (Clock(hour, minute, Style.EXACT if hour > 12 else style),)


def _style(token: Token) -> Style:
    if token.spoken and token.tongue == "en":
        return Style.WORDS
    return Style.EXACT if token.text.startswith("0") and len(token.text) > 1 else Style.FIGURES


def hour_of(token: Token) -> tuple[Fact, ...]:
    """A number that is said to be an hour: 7, sieben, or 0700."""
    if len(token.text) == 4 and token.text.isdigit():
        return _clock(token.number // 100, token.number % 100, Style.EXACT)
    return _clock(token.number, 0, _style(token))


def _half(row: Row) -> Token | None:
    return next(iter(row.of(Kind.AMPM)), None)


def _figures(row: Row) -> Sequence[Fact]:
    token = row.tokens[0]
    hour, minute = token.value if isinstance(token.value, tuple) else (-1, -1)
    return _clock(hour, minute, _style(token), _half(row))


def _dotted(row: Row) -> Sequence[Fact] | None:
    """7.30 before Uhr or am; before an h it is a clock's time unless it is a number of hours: in 1.5 h."""
    token = row.tokens[0]
    found = dotted(token)
    if row.has(Kind.H) and (found is None or row.preceded(Kind.IN)):
        return None
    return _clock(*found, _style(token), _half(row)) if found else (Veto(),)


def dotted(token: Token) -> tuple[int, int] | None:
    """Hour and minute of 7.30, if it can be that."""
    hour, _, minute = token.text.replace(",", ".").partition(".")
    if not (hour.isdigit() and minute.isdigit() and len(hour) <= 2 and len(minute) == 2):
        return None
    return (int(hour), int(minute)) if int(hour) < MAX_HOUR and int(minute) < 60 else None


def _hour(row: Row) -> Sequence[Fact] | None:
    """7 Uhr, 7am, um 7, bis 7, bis 18h."""
    token, half = row.of(Kind.NUMBER, Kind.DOTTED, Kind.ONE)[0], _half(row)
    if half is not None and len(token.text) in {3, 4} and token.text.isdigit():
        return _clock(token.number // 100, token.number % 100, Style.FIGURES, half)
    if token.kind is Kind.ONE:
        return _clock(1, 0, Style.FIGURES)
    return _clock(token.number, 0, _style(token), half) if half else hour_of(token)


def _cued_hour(row: Row) -> Sequence[Fact] | None:
    """Um 7: an hour. Bis 7: an hour; bis 80: a SoC."""
    cue, token = row.tokens
    if (row.follows(*EXPLAINED) and not row.follows(Kind.ENOUGH)) or _belongs_to_what_follows(row, token):
        return None
    if token.kind is Kind.DOTTED and cue.kind is not Kind.AT:
        # "bis 20." is a day or the end of a sentence.
        return (Veto(),) if token.number <= 31 else (Soc(token.number),)
    is_hour = token.number <= MAX_HOUR or len(token.text) == 4
    if token.stop and cue.kind is Kind.BY and 12 < token.number <= 31:
        # "Bis 20." is a day, or an hour at the end of a sentence.
        return (Either((hour_of(token) if is_hour else (Soc(token.number),), (DayOfMonth(token.number),))),)
    if is_hour:
        return hour_of(token)
    return (Veto(),) if cue.kind is Kind.AT else (Soc(token.number),)


def _belongs_to_what_follows(row: Row, token: Token) -> bool:
    """10 of "10 to 8", 7 of "at seven thirty", 5 of "um 5 vor halb acht": the two are looked at together."""
    after = row.after
    if after is None or not row.follows(Kind.HALF, Kind.TO, Kind.NUMBER, Kind.DOTTED):
        return False
    if after.kind is Kind.HALF:
        return after.tongue == "de" or after.text == "half"
    if after.kind is Kind.TO:
        return token.number in _IN_MINUTES and after.text == "to"
    return token.number <= MAX_HOUR and 10 <= after.number < 60


def _with_minutes(row: Row) -> Sequence[Fact] | None:
    """7 Uhr 50 is ten to eight, 7 Uhr 50 % is not."""
    hour, minute = row.of(Kind.NUMBER, Kind.DOTTED, Kind.ONE)
    if row.follows(*EXPLAINED) or minute.parted or minute.number >= 60:
        return None
    return _clock(1 if hour.kind is Kind.ONE else hour.number, minute.number, _style(hour))


def _odd(hours: Token) -> bool:
    """In 1.30 h: an hour and a half, or 78 minutes."""
    return dotted(hours) is not None and not hours.text.endswith(("25", "50", "75"))


def _with_h(row: Row) -> Sequence[Fact] | None:
    """18h: o'clock behind um or bis, a span behind in; alone it is what is usual."""
    hours = row.tokens[0]
    if hours.kind is Kind.DECIMAL and _odd(hours):
        return (Veto(),)
    span = Span(timedelta(hours=hours.real))
    if row.preceded(Kind.AT, Kind.BY, Kind.VOR) and hours.kind is not Kind.DECIMAL:
        return hour_of(hours)
    if row.preceded(Kind.IN) or hours.kind is Kind.DECIMAL or hours.number <= 4 or hours.number > MAX_HOUR:
        return (span,)
    return (Either(((span,), hour_of(hours))),)


def _hclock(row: Row) -> Sequence[Fact]:
    token = row.tokens[0]
    hour, minute = token.value if isinstance(token.value, tuple) else (-1, -1)
    if row.preceded(Kind.IN):
        return (Span(timedelta(hours=hour, minutes=minute)),)
    return _clock(hour, minute, _style(token))


def _on_the_dial(hour: Token, minutes: int, fraction: Token, half: Token | None) -> Sequence[Fact] | None:
    """``minutes`` after (before, when negative) a full hour, as it is spoken."""
    if hour.number > MAX_HOUR:
        return None
    total = hour.number * 60 + minutes
    english = fraction.tongue == "en"
    if english:
        by_words = fraction.text.startswith("half") and hour.spoken
        style = Style.DIAL if by_words else Style.WORDS
        if fraction.kind is Kind.NUMBER:
            style = Style.WORDS if hour.spoken else Style.SPOKEN
    else:
        style = Style.SPOKEN
    if total < 0:
        return None
    return _clock(total // 60, total % 60, style if hour.number <= 12 else Style.EXACT, half)


def _fraction(row: Row) -> Sequence[Fact] | None:
    """Halb acht, viertel acht, dreiviertel acht, half past seven, quarter to eight."""
    fraction, hour = row.tokens[0], row.of(Kind.NUMBER, Kind.DOTTED, Kind.ONE)[-1]
    link = row.tokens[1] if len(row.tokens) > 2 and row.tokens[1].kind in {Kind.VOR, Kind.NACH, Kind.TO} else None
    if hour.kind is Kind.ONE or row.follows(Kind.PERCENT, Kind.HOURS):
        return None
    if link is None:
        if fraction.text == "half" and hour.number <= 12 and (not hour.spoken or hour.tongue == "en"):
            # Half eight: Germans and the Dutch disagree with Britons.
            return (Either((_clock(hour.number - 1, 30, Style.WORDS), _clock(hour.number, 30, Style.WORDS))),)
        ago = {Kind.HALF: -30, Kind.QUARTER: -45, Kind.QUARTERS3: -15}[fraction.kind]
        before_it = fraction.tongue == "de" or (fraction.kind is Kind.HALF and hour.spoken and hour.tongue != "en")
        return _on_the_dial(hour, ago, replace(fraction, tongue="de"), _half(row)) if before_it else None
    minutes = {Kind.HALF: 30, Kind.QUARTER: 15, Kind.QUARTERS3: 45}[fraction.kind]
    if link.text not in _LINKS or (fraction.kind is not Kind.QUARTER and link.text != "past"):
        return None
    return _on_the_dial(hour, minutes if link.kind is Kind.NACH else -minutes, fraction, _half(row))


def _minutes_off(row: Row) -> Sequence[Fact] | None:
    """10 vor 8, 5 past 7, fünf nach halb acht."""
    minutes, hour = row.of(Kind.NUMBER, Kind.DOTTED)[0], row.of(Kind.NUMBER, Kind.DOTTED)[-1]
    link = row.of(Kind.VOR, Kind.NACH, Kind.TO)[0]
    if link.text not in _LINKS or hour.number > MAX_HOUR or minutes.number > 29:
        return None
    if link.text == "to" and not row.has(Kind.MINUTES):
        if minutes.number not in _IN_MINUTES:
            return None
        if minutes.number < hour.number and not minutes.spoken:
            # "5 to 7" is one time, or from one to the other.
            return (Veto(),)
    if row.follows(Kind.PERCENT, Kind.HOURS, Kind.H, Kind.DAYS, Kind.MINUTES) or row.preceded(Kind.FROM, Kind.CUE):
        return None
    off = minutes.number if link.kind is Kind.NACH else -minutes.number
    half = row.of(Kind.HALF)
    if half:
        before_it = half[0].tongue == "de" or (hour.spoken and hour.tongue != "en")
        return _on_the_dial(hour, off - 30, replace(half[0], tongue="de"), None) if before_it else None
    english = link.text in {"to", "past"}
    fraction = Token(
        Kind.NUMBER if not minutes.spoken else Kind.MINUTES, minutes.text, tongue="en" if english else "de"
    )
    return _on_the_dial(hour, off, fraction, _half(row))


def _two_numbers(row: Row) -> Sequence[Fact] | None:
    """Seven thirty; what may be a time or an hour and a SoC is neither."""
    hour, minute = row.tokens[0], row.tokens[1]
    if minute.parted or hour.number > MAX_HOUR or not 10 <= minute.number < 60 or hour.kind is Kind.DOTTED:
        return None
    english = hour.spoken and minute.spoken and hour.tongue == minute.tongue == "en" and 1 <= hour.number <= 12
    if row.follows(*EXPLAINED) and not row.has(Kind.AMPM):
        return None
    if (english and minute.number % 5 == 0) or row.has(Kind.AMPM):
        return _clock(hour.number, minute.number, Style.WORDS, _half(row))
    return (Veto(),)


def _range(row: Row) -> Sequence[Fact] | None:
    """6-7 Uhr, 80 to 90 %: one of two."""
    one, other = row.of(Kind.NUMBER, Kind.DOTTED)
    if row.follows(Kind.PERCENT, Kind.MINUTES, Kind.HOURS, Kind.H):
        return (Veto(),) if not row.follows(Kind.PERCENT) or row.tokens[1].kind in {Kind.DASH, Kind.OR} else None
    if one.number > MAX_HOUR or other.number > MAX_HOUR:
        if row.tokens[1].text == "to" and one.number <= MAX_HOUR:
            # "20 to 80": from one SoC to the other.
            return (Veto(),)
        both = one.number > MAX_HOUR and other.number > MAX_HOUR
        alternatives = row.tokens[1].kind in {Kind.DASH, Kind.OR}
        return (Either(((Soc(one.number),), (Soc(other.number),))),) if both and alternatives else None
    half = _half(row)
    return (Either((_clock(one.number, 0, _style(one), half), _clock(other.number, 0, _style(other), half))),)


_PARTS_OF_AN_HOUR = {Kind.HALF: 0.5, Kind.QUARTER: 0.25, Kind.QUARTERS3: 0.75}


def _spans(row: Row) -> Sequence[Fact] | None:
    """In 2 Stunden 30, in an hour and a half, 90 min."""
    if row.preceded(Kind.VOR):
        return (Veto(Unclear.PAST),)
    if (row.before and row.before.text in _LASTING) or any(_odd(t) for t in row.of(Kind.DECIMAL) if not t.spoken):
        return (Veto(),)
    span, amount = timedelta(0), 0.0
    for token in row.tokens:
        match token.kind:
            case Kind.NUMBER | Kind.DECIMAL | Kind.DOTTED | Kind.CLOCK:
                amount += _amount(token)
            case Kind.ONE if not row.has(*_PARTS_OF_AN_HOUR, Kind.SPAN):
                amount += 1
            case Kind.HALF | Kind.QUARTER | Kind.QUARTERS3:
                amount += _PARTS_OF_AN_HOUR[token.kind]
            case Kind.HOURS | Kind.H:
                span, amount = span + timedelta(hours=amount), 0.0
            case Kind.MINUTES | Kind.SPAN:
                span, amount = span + timedelta(minutes=amount or token.real), 0.0
    if not amount:
        return (Span(span),)
    return None if row.follows(*EXPLAINED) else _minutes_or_soc(span, int(amount), row)


def _amount(token: Token) -> float:
    """A number; of 1:30 the hours."""
    hours, minutes = token.value if isinstance(token.value, tuple) else (token.real, 0)
    return float(hours + minutes / 60)


def _minutes_or_soc(span: timedelta, number: int, row: Row) -> Sequence[Fact] | None:
    """In two hours thirty: minutes; in two hours eighty: a SoC; in two hours fifty: either."""
    if number >= _MINUTES:
        return None
    with_minutes = Span(span + timedelta(minutes=number))
    if row.has(Kind.AND) or number < _LIKELY_SOC or number in _QUARTERS:
        return (with_minutes,)
    return (Either(((with_minutes,), (Span(span), Soc(float(number))))),)


def _h_and_number(row: Row) -> Sequence[Fact] | None:
    """In 3h 30: minutes or a SoC."""
    hours, number = row.of(Kind.NUMBER)
    if number.number not in _QUARTERS or row.follows(*EXPLAINED):
        return None
    span = timedelta(hours=hours.number)
    with_minutes = span + timedelta(minutes=number.number)
    return (Either(((Span(with_minutes),), (Span(span), Soc(number.real)))),)


def _and_a_half(row: Row) -> Sequence[Fact]:
    """An hour and a half, two hours and a half, two and a half hours."""
    whole = row.tokens[0].real if row.tokens[0].kind is not Kind.ONE else 1.0
    return (Span(timedelta(hours=whole + 0.5)),)


def _days(row: Row) -> Sequence[Fact] | None:
    count = row.of(Kind.NUMBER, Kind.DOTTED, Kind.ONE)[0]
    number = 1 if count.kind is Kind.ONE else count.number
    from_now = row.after is not None and row.after.text == "from now"
    if row.preceded(Kind.VOR) or not (row.has(Kind.IN) or from_now):
        return (Veto(),)
    if row.has(Kind.WEEKS):
        return (DaySpan(7 * number),)
    if number == 8 and count.tongue == "de":
        # "In acht Tagen" is a week to most.
        return (Either(((DaySpan(7),), (DaySpan(8),))),)
    return (DaySpan(number),)


def _in_a_number(row: Row) -> Sequence[Fact] | None:
    return None if row.follows(*EXPLAINED, Kind.HALF, Kind.AND, Kind.QUARTER) else (Veto(),)


RULES = (
    rule("clock oclock|h? ampm?", _figures),
    rule("decimal oclock|h|ampm", _dotted),
    rule("num|a oclock ampm?", _hour),
    rule("num ampm", _hour),
    rule("num|a oclock num", _with_minutes),
    rule("at|byx num", _cued_hour),
    rule("num|decimal h", _with_h),
    rule("hclock h?", _hclock),
    rule("half|quarter|quarters3 num oclock? ampm?", _fraction),
    rule("half|quarter vor|nach|to num oclock? ampm?", _fraction),
    rule("num minutes? vor|nach|to half? num oclock? ampm?", _minutes_off),
    rule("num num ampm?", _two_numbers),
    rule("num dash|by|or|and|to num oclock|ampm?", _range),
    rule("val|a hours", _spans),
    rule("val|a hours and? num minutes?", _spans),
    rule("val h and? num minutes", _spans),
    rule("val|a minutes", _spans),
    rule("in clock h|hours", _spans),
    rule("in number h number", _h_and_number),
    rule("a? half a? hours", _spans),
    rule("a? quarter|quarters3 hours", _spans),
    rule("a? quarter|quarters3 filler a hours", _spans),
    rule("val|a hours and a half", _and_a_half),
    rule("num and a half hours", _and_a_half),
    rule("a? span", _spans),
    rule("in? num|a days|weeks", _days),
    rule("in num", _in_a_number),
)
