"""The words for time and fullness that people write, in German and English, as patterns.

A pattern is tried where the last one ended; the first that fits takes its words. Order matters: ``morgen früh`` is
looked for before ``morgen``, a date with dots before a clock with one.
"""

import re
from collections.abc import Iterable

MORNING, FORENOON, NOON, AFTERNOON, EVENING, NIGHT = 7, 10, 12, 15, 19, 22
"""The hours that a part of the day stands for when no clock time is said."""

WEEKDAYS = {
    **dict.fromkeys(("mo", "montag", "mon", "monday"), 0),
    **dict.fromkeys(("di", "dienstag", "tue", "tues", "tuesday"), 1),
    **dict.fromkeys(("mi", "mittwoch", "wed", "weds", "wednesday"), 2),
    **dict.fromkeys(("do", "donnerstag", "thu", "thur", "thurs", "thursday"), 3),
    **dict.fromkeys(("fr", "freitag", "fri", "friday"), 4),
    **dict.fromkeys(("sa", "samstag", "sonnabend", "sat", "saturday"), 5),
    **dict.fromkeys(("so", "sonntag", "sun", "sunday"), 6),
}
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("januar", "january", "jan"),
            ("februar", "february", "feb"),
            ("märz", "march", "mar", "mär"),
            ("april", "apr"),
            ("mai", "may"),
            ("juni", "june", "jun"),
            ("juli", "july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("oktober", "october", "okt", "oct"),
            ("november", "nov"),
            ("dezember", "december", "dez", "dec"),
        ),
        start=1,
    )
    for name in names
}
PARTS = {
    **dict.fromkeys(("früh", "frueh", "morning", "morgens", "in der früh", "in the morning"), MORNING),
    **dict.fromkeys(("vormittag", "vormittags"), FORENOON),
    **dict.fromkeys(("noon", "mittag", "mittags", "midday"), NOON),
    **dict.fromkeys(("nachmittag", "nachmittags", "afternoon", "in the afternoon"), AFTERNOON),
    **dict.fromkeys(("abend", "abends", "evening", "in the evening", "tonight"), EVENING),
    **dict.fromkeys(("nacht", "nachts", "night", "at night"), NIGHT),
}
DAYS_AHEAD = {
    **dict.fromkeys(("heute", "today"), 0),
    **dict.fromkeys(("morgen", "tomorrow"), 1),
    **dict.fromkeys(("übermorgen", "uebermorgen", "day after tomorrow"), 2),
}
FULL = ("voll", "ganz voll", "full", "randvoll")
_FILLERS = (
    *("um", "at", "by", "bis", "on", "am", "gegen", "spätestens", "the", "den", "please", "bitte", "ca", "etwa"),
    *("around", "about", "to", "auf", "and", "und", "mit", "with", "next", "nächsten", "this", "diesen", "kommenden"),
    *("ready", "fertig", "i need it", "ich brauche es", "uhr", "until", "zum", "till"),
)


def _words(words: Iterable[str]) -> str:
    """Any of ``words``, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NUMBER = r"\d{1,4}(?:[.,]\d{1,2})?"
_HOURS = r"(?:stunden?|std|hours?|hrs?|h)\b\.?"
_MINUTES = r"(?:minuten?|minutes?|mins?|m)\b\.?"
_CLOCK = r"(?P<hour>\d{1,2})"
_AMPM = r"(?P<ampm>a\.?m\b\.?|p\.?m\b\.?)"

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("percent", rf"(?P<number>{_NUMBER})\s*(?:%|prozent\b|percent\b)"),
        ("full", rf"(?:{_words(FULL)})\b"),
        ("half_hour", r"in (?:einer halben stunde|half an hour)\b"),
        ("one_hour", r"in (?:einer stunde|an hour|one hour)\b"),
        (
            "span",
            rf"(?:in\s+)?(?P<hours>{_NUMBER})\s*{_HOURS}(?:\s*(?:und|and)?\s*(?P<minutes>\d{{1,3}})\s*(?:{_MINUTES})?)?(?![\d:])",
        ),
        ("span", rf"(?:in\s+)?(?P<minutes>\d{{1,4}})\s*{_MINUTES}"),
        ("iso_date", r"(?P<year>20\d{2})-(?P<month>\d{2})-(?P<day>\d{2})\b"),
        ("date", r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?P<year>20\d{2})?(?!\d)"),
        (
            "named_date",
            rf"(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?P<name>{_words(MONTHS)})\b\.?(?:\s+(?P<year>\d{{4}}))?",
        ),
        ("half_to", r"halb\s+(?P<hour>\d{1,2})\b"),
        ("past", r"(?P<quarter>viertel nach|quarter past|half past)\s+(?P<hour>\d{1,2})\b"),
        ("before", r"(?:viertel vor|quarter to)\s+(?P<hour>\d{1,2})\b"),
        ("clock", rf"{_CLOCK}[:.](?P<minute>\d{{2}})(?!\d)(?:\s*uhr\b)?(?:\s*{_AMPM})?"),
        ("clock", rf"{_CLOCK}\s*uhr\s*(?P<minute>\d{{2}})(?![\d%:.])"),
        ("clock", rf"{_CLOCK}\s*(?:uhr\b|o'?clock\b)"),
        ("clock", rf"{_CLOCK}\s*{_AMPM}"),
        ("clock", rf"(?:um|at|gegen)\s+{_CLOCK}\b(?!\s*(?:%|uhr|o'?clock|[:.]\d|[ap]\.?m))"),
        ("midnight", r"(?:mitternacht|midnight)\b"),
        ("today_morning", r"heute morgen\b"),
        ("days_ahead", rf"(?P<word>{_words(DAYS_AHEAD)})\b"),
        ("part", rf"(?:am\s+)?(?P<word>{_words(PARTS)})\b"),
        ("weekday", rf"(?P<word>{_words(WEEKDAYS)})\b\.?"),
        ("number", r"(?P<number>\d{1,3})(?![\d:])"),
        ("filler", rf"(?:{_words(_FILLERS)})\b"),
        ("filler", r"[\s,;.!]+"),
    )
)
