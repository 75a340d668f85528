"""The grammar: what rows of tokens say."""

from collections.abc import Sequence

from notifier.domain.language import clock_rules, day_rules
from notifier.domain.language.clock_rules import EXPLAINED, MAX_HOUR
from notifier.domain.language.facts import Bare, Clock, Either, Fact, Offset, Soc, Unknown, Veto, Wish
from notifier.domain.language.patterns import Row, read, rule
from notifier.domain.language.tokens import Kind, Token
from notifier.domain.language.understood import Intent, Unclear

_SKIPPED = frozenset(
    {
        *(Kind.FILLER, Kind.AT, Kind.BY, Kind.TO, Kind.ON, Kind.IN, Kind.FROM, Kind.CUE, Kind.ONLY, Kind.ENOUGH),
        *(Kind.DASH, Kind.AND, Kind.ARROW, Kind.ONE, Kind.THIS),
    }
)
"""Words that say nothing where no rule needs them."""
_TIMES = (Kind.NUMBER, Kind.CLOCK, Kind.DECIMAL, Kind.DATE, Kind.HALF, Kind.QUARTER, Kind.QUARTERS3, Kind.WEEKDAY)
"""Before these, "vor" is a deadline."""
_FRACTIONS = {Kind.HALF: 50.0, Kind.QUARTER: 25.0, Kind.QUARTERS3: 75.0}


def facts(tokens: Sequence[Token]) -> list[Fact]:
    """What the tokens say, in order."""
    return read(tokens, _RULES, _alone)


def _soc(row: Row) -> Sequence[Fact]:
    return (Soc(row.of(Kind.NUMBER, Kind.DOTTED, Kind.DECIMAL)[0].real),)


def _cued(row: Row) -> Sequence[Fact] | None:
    """Auf 80, mindestens 60, to 90."""
    cue, token = row.tokens[0], row.tokens[-1]
    if row.follows(*EXPLAINED):
        return None
    if cue.text in {"to", "zu", "mit", "with", "bei", "battery", "level", "into"} and token.number <= MAX_HOUR:
        return (Veto(),)
    return (Soc(token.real),)


def _only(row: Row) -> Sequence[Fact] | None:
    """Nur bis 60 is a SoC; nur bis 20 may be an hour."""
    token = row.tokens[-1]
    if row.follows(*EXPLAINED):
        return None
    if token.number > MAX_HOUR or not row.has(Kind.BY):
        return (Soc(token.real),)
    return (Either(((Soc(token.real),), (Clock(token.number),))),)


def _from_to(row: Row) -> Sequence[Fact] | None:
    """Von 40 auf 80: 80 is wanted."""
    numbers = row.of(Kind.NUMBER, Kind.DOTTED, Kind.DECIMAL)
    one, other = numbers[0], numbers[-1]
    if row.follows(Kind.OCLOCK, Kind.AMPM, Kind.H, Kind.HOURS) or (
        row.follows(Kind.PERCENT) and not row.has(Kind.PERCENT)
    ):
        return None
    percent = row.has(Kind.PERCENT)
    if not percent and other.real <= MAX_HOUR:
        return (Veto(),)
    return (Soc(other.real),) if other.real > one.real else (Veto(),)


def _full(row: Row) -> Sequence[Fact]:
    """Full, half full."""
    part = row.of(*_FRACTIONS)
    return (Soc(_FRACTIONS[part[0].kind] if part else 100.0),)


def _filled_to(row: Row) -> Sequence[Fact] | None:
    """Top it up to 80 %: so full, not all the way."""
    return (Soc(row.tokens[2].real),) if row.tokens[0].text.startswith(("top", "fill", "auf")) else None


def _soc_word(row: Row) -> Sequence[Fact]:
    return (Soc(row.tokens[-1].real),)


def _bare(row: Row) -> Sequence[Fact]:
    token = row.tokens[-1]
    if len(token.text) == 4 and token.text.startswith("0"):
        return clock_rules.hour_of(token)
    return (Bare(token.number, words=token.spoken and token.tongue == "en"),)


def _percent_range(row: Row) -> Sequence[Fact]:
    one, other = row.of(Kind.NUMBER, Kind.DOTTED, Kind.DECIMAL)
    return (Either(((Soc(one.real),), (Soc(other.real),))),)


_RULES = (
    *clock_rules.RULES,
    *day_rules.RULES,
    rule("val percent", _soc),
    rule("val dash|or val percent", _percent_range),
    rule("val percent dash|or val percent", _percent_range),
    rule("to|cue to|byx? val", _cued),
    rule("cue only? byx? val percent", _soc),
    rule("only byx? val", _only),
    rule("from val percent? to|arrow|byx|cue to? val percent?", _from_to),
    rule("val percent? arrow val percent?", _from_to),
    rule("instead val percent?", lambda _: ()),
    rule("val enough", _soc),
    rule("number", _bare),
    rule("half|quarter|quarters3? full", _full),
    rule("full to val percent?", _filled_to),
    rule("a? soc", _soc_word),
    rule("to|nach unknown", lambda row: () if row.tokens[1].value is None and not row.preceded(Kind.NUMBER) else None),
)


def _alone(row: Row) -> Sequence[Fact]:
    """What a token says that no rule wants."""
    token = row.tokens[0]
    if token.kind in _SKIPPED or (token.text == "vor" and row.follows(*_TIMES)):
        return ()
    if token.kind in _FRACTIONS and row.before is row.after is None:
        # Half: a SoC, most likely.
        return (Soc(_FRACTIONS[token.kind]), Unknown(token.text))
    match token.value:
        case Unclear() as why:
            return (Veto(why),)
        case Intent() as intent:
            return (Wish(intent),)
        case Offset() as offset:
            return (offset,)
    return (Unknown(token.text),) if token.kind is Kind.UNKNOWN else (Veto(),)
