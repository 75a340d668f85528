"""From characters to tokens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from notifier.domain.language.facts import Date, Offset
from notifier.domain.language.tokens import Kind, Token
from notifier.domain.language.understood import Unclear
from notifier.domain.language.words.spelling import corrected
from notifier.domain.language.words.vocabulary import COMPOUNDS, LONGEST, VOCABULARY

_ZONES = {
    "utc": 0,
    "gmt": 0,
    "cet": 60,
    "mez": 60,
    "cest": 120,
    "mesz": 120,
    "wet": 0,
    "west": 60,
    "eet": 120,
    "eest": 180,
}
_BEFORE_AM = frozenset({Kind.NUMBER, Kind.CLOCK, Kind.DECIMAL, Kind.OCLOCK})
_GERMAN_BEHIND_AM = frozenset({Kind.DOTTED, Kind.DATE, Kind.MORGEN})

_PIECES = re.compile(
    r"""
    (?P<iso>(?P<iy>20\d\d)-(?P<im>\d\d?)-(?P<id>\d\d?)(?!\d))
    (?:(?:\s*t\s*|\s+)(?P<ih>\d\d?):(?P<imin>\d\d)(?::\d\d(?:[.,]\d+)?)?(?P<zone>\s*z\b|\s*[+-]\d\d(?::?\d\d)?(?!\d))?)?
  | (?P<slashed>(?P<s1>\d{1,2})/(?P<s2>\d{1,2})(?:/(?P<s3>\d{4}|\d{2}))?)(?![\d:%.]|\s?(?:uhr|h\b|[ap]\.?m|%))
  | (?P<ymd>(?P<y1>20\d\d)/(?P<y2>\d\d?)/(?P<y3>\d\d?))(?!\d)
  | (?P<dashed>(?P<h1>\d\d?)-(?P<h2>\d\d?)-(?P<h3>20\d\d))(?!\d)
  | (?P<dots>(?P<d1>\d\d?)\.\s?(?P<d2>\d\d?)\.(?P<d3>\d{4}|\d{2})?)(?!\d)
  | (?P<clock>(?P<hour>\d\d?):(?P<minute>\d\d)(?::\d\d)?)(?!\d|:\d)
  | (?P<hclock>(?P<hh>\d\d?)\s?h(?P<hm>[0-5]\d))(?!\d|\s*(?:m|%|p))
  | (?P<decimal>\d+[.,]\d+)(?![.,]?\d)
  | (?P<ordinal>\d\d?)(?:st|nd|rd|th|ten|sten|te|ste|ter)\b
  | (?P<dotted>\d\d?)\.(?=\s*[^\W\d_]|\s+\d|\s*,|\s*\))
  | (?P<number>\d+)(?P<stop>\.(?!\d))?
  | (?P<ampm>(?<=\d)(?P<half>[ap])m?\b\.?|(?:(?<=\d)|\b)(?P<half2>[ap])\.\s?m\b\.?)
  | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PARTING = frozenset(",;.!?()[]{}|:\"*_=+'…/\\")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that still has to find its meaning, alone or with its neighbours."""

    text: str
    parted: bool
    capital: bool
    first: bool


def tokens(text: str) -> list[Token]:
    """The tokens of a normalised message."""
    found: list[Token] = []
    words: list[_Word] = []
    parted = False
    for m in _PIECES.finditer(text):
        first = not found and not words
        if m["word"]:
            word = m["word"]
            if word.lower() == "h" or (word.lower() == "m" and not words and found and found[-1].kind is Kind.NUMBER):
                found += _phrases(words)
                words = []
                found.append(Token(Kind.H if word.lower() == "h" else Kind.MINUTES, word))
            else:
                if parted:
                    found += _phrases(words)
                    words = []
                words.append(_Word(word.lower(), parted, word[0].isupper(), first))
            parted = False
            continue
        if m["sign"] == "-" and words and text[m.end() : m.end() + 1].isalpha() and text[m.start() - 1].isalpha():
            continue  # Freitag-Morgen, e-auto
        found += _phrases(words)
        words = []
        if m["sign"] in _PARTING:
            parted = True
            continue
        figures = list(_figures(m, found, text))
        if figures and parted:
            figures[0] = replace(figures[0], parted=True)
        found += figures
        parted = False
    return list(_in_context([*found, *_phrases(words)]))


def _phrases(words: Sequence[_Word]) -> Iterator[Token]:
    """The longest known phrases in a row of words."""
    right: list[_Word] = []
    for word in words:
        known = corrected(word.text)
        right += [replace(word, text=part) for part in COMPOUNDS.get(known, (known,))]
    at = 0
    while at < len(right):
        word = right[at]
        for length in range(min(LONGEST, len(right) - at), 0, -1):
            key = tuple(w.text for w in right[at : at + length])
            if key in VOCABULARY:
                kind, value, tongue = VOCABULARY[key]
                spoken = kind in {Kind.NUMBER, Kind.ORDINAL, Kind.DECIMAL}
                yield Token(kind, " ".join(key), value, tongue, spoken, word.parted, word.capital, word.first)
                at += length
                break
        else:
            if word.text in _ZONES:
                yield Token(Kind.OFFSET, word.text, Offset(_ZONES[word.text]))
            else:
                yield Token(Kind.UNKNOWN, word.text, parted=word.parted)
            at += 1


def _figures(m: re.Match[str], before: Sequence[Token], text: str) -> Iterator[Token]:
    if m["sign"]:
        yield from _sign(m[0], m.start(), before, text)
    elif m["clock"] or m["hclock"]:
        kind, hour, minute = (Kind.CLOCK, "hour", "minute") if m["clock"] else (Kind.HCLOCK, "hh", "hm")
        yield Token(kind, m[0], (int(m[hour]), int(m[minute])))
    elif m["ampm"]:
        yield Token(Kind.AMPM, m[0], (m["half"] or m["half2"]).lower())
    elif m["decimal"]:
        yield Token(Kind.DECIMAL, m[0], float(m[0].replace(",", ".")))
    elif m["number"]:
        yield Token(Kind.NUMBER, m["number"], int(m["number"][:9]), stop=bool(m["stop"]))
    elif m["ordinal"] or m["dotted"]:
        kind, group = (Kind.ORDINAL, "ordinal") if m["ordinal"] else (Kind.DOTTED, "dotted")
        yield Token(kind, m[0], int(m[group]))
    else:
        yield from _date(m)


def _date(m: re.Match[str]) -> Iterator[Token]:
    if m["iso"]:
        yield Token(Kind.DATE, m["iso"], Date(int(m["im"]), int(m["id"]), int(m["iy"])))
        if m["ih"]:
            yield Token(Kind.CLOCK, f"0{m['ih']}"[-2:] + f":{m['imin']}", (int(m["ih"]), int(m["imin"])))
        if m["zone"]:
            yield Token(Kind.OFFSET, m["zone"], Offset(_offset(m["zone"].strip())))
    elif m["ymd"]:
        yield Token(Kind.DATE, m[0], Date(int(m["y2"]), int(m["y3"]), int(m["y1"])))
    elif m["dashed"]:
        yield Token(Kind.DATE, m[0], Date(int(m["h2"]), int(m["h1"]), int(m["h3"])))
    elif m["dots"]:
        yield from _dotted_date(m)
    else:
        yield from _slashed(m)


def _sign(sign: str, at: int, before: Sequence[Token], text: str) -> Iterator[Token]:
    match sign:
        case "%":
            yield Token(Kind.PERCENT, sign)
        case ">":
            yield Token(Kind.ARROW, sign)
        case "&":
            yield Token(Kind.AND, sign)
        case "-":
            if text[at + 1 : at + 2] == ">":
                return
            alone = text[at - 1 : at] in {"", " "} if at else True
            cue = not before or before[-1].kind in {Kind.IN, Kind.AT, Kind.BY, Kind.TO}
            belongs = text[at + 1 : at + 2].isdigit() and alone and cue
            yield Token(Kind.MINUS if belongs else Kind.DASH, sign)
        case "€" | "$" | "°" | "#":
            yield Token(Kind.BLOCK, sign, Unclear.NOT_A_RANGE)
        case _:
            yield Token(Kind.UNKNOWN, sign)


def _offset(text: str) -> int:
    if text.lower() == "z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes


def _year(text: str | None) -> int | None:
    return None if text is None else int(text) + (2000 if len(text) == 2 else 0)


def _dotted_date(m: re.Match[str]) -> Iterator[Token]:
    day, month = int(m["d1"]), int(m["d2"])
    if month > 12 and not m["d3"]:
        # "um 7.30." ends a sentence.
        yield Token(Kind.DECIMAL, f"{m['d1']}.{m['d2']}", float(f"{day}.{m['d2']}"))
    else:
        yield Token(Kind.DATE, m[0], Date(month, day, _year(m["d3"])))


def _slashed(m: re.Match[str]) -> Iterator[Token]:
    one, other, year = int(m["s1"]), int(m["s2"]), _year(m["s3"])
    if one > 31 or (one > 12 and other > 12):
        # 80/7 are two numbers.
        yield Token(Kind.NUMBER, m["s1"], one)
        yield Token(Kind.NUMBER, m["s2"], other, parted=True)
    else:
        yield Token(Kind.SLASHED, m[0], (one, other, year))


def _in_context(found: Sequence[Token]) -> Iterator[Token]:
    """Words whose kind depends on their neighbours: ``am`` behind an hour, ``min`` before a number."""
    for at, token in enumerate(found):
        before = found[at - 1] if at else None
        after = found[at + 1] if at + 1 < len(found) else None
        if token.text in {"am", "pm"} and before and before.kind in _BEFORE_AM:
            german = after is not None and (
                after.kind in _GERMAN_BEHIND_AM
                or after.stop
                or (after.tongue == "de" and after.kind in {Kind.WEEKDAY, Kind.PART, Kind.WEEKEND})
            )
            minutes = before.spoken and at > 1 and found[at - 2].spoken and found[at - 2].kind is Kind.NUMBER
            if token.text == "pm" or not (german or (before.number > 12 and not minutes)):
                yield replace(token, kind=Kind.AMPM, value=token.text[0])
                continue
        if token.tongue == "nl" and token.text in _DUTCH_IN_CONTEXT:
            yield replace(token, kind=_dutch(found, at))
            continue
        counted = before is not None and before.kind in {Kind.NUMBER, Kind.DECIMAL, Kind.ONE}
        # "Bis 7 min 80": at least 80.
        hour = at > 1 and found[at - 2].kind in {Kind.BY, Kind.AT}
        amount = after is not None and after.kind in {Kind.NUMBER, Kind.DECIMAL}
        if token.text == "min" and (not counted or (hour and amount)):
            yield replace(token, kind=Kind.CUE)
            continue
        yield token


_DUTCH_IN_CONTEXT = frozenset({"uur", "over", "voor"})
_COUNTING = frozenset({Kind.NUMBER, Kind.DECIMAL, Kind.ONE, Kind.HALF, Kind.QUARTER})


def _dutch(found: Sequence[Token], at: int) -> Kind:
    """Over 3 uur: hours; om 3 uur: o'clock; kwart over 3: past; kwart voor 3: to; voor 3 uur: by."""
    start = at
    while start and found[start - 1].kind in _COUNTING:
        start -= 1
    if found[at].text == "over":
        return Kind.IN if start == at else Kind.NACH
    if found[at].text == "voor":
        return Kind.BY if start == at else Kind.VOR
    span = start < at and start > 0 and found[start - 1].text in {"over", "binnen"}
    return Kind.HOURS if span or found[at - 1].kind is Kind.HALF else Kind.OCLOCK
