"""All words and phrases of every language in one table, with the ways to write their umlauts."""

from collections.abc import Iterator
from itertools import product

from notifier.domain.language.tokens import Kind, Tongue
from notifier.domain.language.understood import Intent, Unclear
from notifier.domain.language.words import de, en, nl
from notifier.domain.language.words.numbers import DUTCH, ENGLISH, GERMAN, HALVES, MIXED, ORDINALS

type Entry = tuple[Kind, object, Tongue]

_SPELLINGS = {"ä": ("ä", "ae", "a"), "ö": ("ö", "oe", "o"), "ü": ("ü", "ue", "u"), "ß": ("ß", "ss")}
_PARTS_OF_DAYS = ("früh", "morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht")
_DUTCH_DAYS = (
    *("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    *("vandaag", "morgen", "overmorgen"),
)
_DAYS = (
    *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag"),
    *("heute", "heut", "morgen", "übermorgen"),
)


def spellings(word: str) -> Iterator[str]:
    """``word`` with its umlauts as such, as two letters, and without their dots."""
    for letters in product(*(_SPELLINGS.get(letter, (letter,)) for letter in word)):
        yield "".join(letters)


def _entries() -> Iterator[tuple[str, Entry]]:
    for tongue, (filler, *_) in _TONGUES.items():
        yield from ((phrase, (Kind.FILLER, None, tongue)) for phrase in filler.split())
    for tongue, (_, blocks, wishes, kinds, words) in _TONGUES.items():
        listed: list[tuple[Kind, object, str]] = [
            *((Kind.BLOCK, why, phrases) for why, phrases in blocks.items()),
            *((Kind.WISH, intent, phrases) for intent, phrases in wishes.items()),
            *((kind, None, phrases) for kind, phrases in kinds.items()),
        ]
        for kind, value, phrases in listed:
            yield from ((phrase, (kind, value, tongue)) for phrase in phrases.split())
        for kind, values in words.items():
            yield from ((phrase, (kind, value, tongue)) for phrase, value in values.items())
    yield from _numbers()


def _numbers() -> Iterator[tuple[str, Entry]]:
    for word, number in DUTCH.items():
        yield word, (Kind.NUMBER, number, "nl")
    for word, mixed in HALVES.items():
        yield word, (Kind.DECIMAL, mixed, "nl")
    for word, number in GERMAN.items():
        yield word, (Kind.NUMBER, number, "de")
    for word, number in ENGLISH.items():
        yield word, (Kind.NUMBER, number, "en")
    for word, mixed in MIXED.items():
        yield word, (Kind.DECIMAL, mixed, "de")
    for word, number in ORDINALS.items():
        yield word, (Kind.ORDINAL, number, "en" if word[-1] in "tdhy" else "de")


type _Tables = tuple[str, dict[Unclear, str], dict[Intent, str], dict[Kind, str], dict[Kind, dict[str, object]]]

_TONGUES: dict[Tongue, _Tables] = {
    "nl": (nl.FILLER, nl.BLOCKS, nl.WISHES, nl.KINDS, nl.WORDS),
    "de": (de.FILLER, de.BLOCKS, de.WISHES, de.KINDS, de.WORDS),
    "en": (en.FILLER, en.BLOCKS, en.WISHES, en.KINDS, en.WORDS),
}

VOCABULARY: dict[tuple[str, ...], Entry] = {}
"""By the words of a phrase. Of equal phrases the last counts: words with a meaning come after fillers."""
for _phrase, _entry in _entries():
    for _spelling in spellings(_phrase):
        _key = tuple(_spelling.split("_"))
        if _entry[2] != "nl" or VOCABULARY.get(_key, _entry)[2] == "nl":
            # What German or English means with a word, it means in every message.
            VOCABULARY[_key] = _entry

COMPOUNDS: dict[str, tuple[str, str]] = {
    "".join(_spelling): _spelling
    for _day in _DAYS
    for _part in _PARTS_OF_DAYS
    for _spelling in product(spellings(_day), spellings(_part))
}
"""Freitagmorgen, heuteabend: two words written as one."""
DUTCH_COMPOUNDS: dict[str, tuple[str, str]] = {
    **{f"{_day}{_part}": (_day, _part) for _day in _DUTCH_DAYS for _part in ("ochtend", "middag", "avond")},
    **{f"van{_part}": ("vandaag", _part) for _part in ("ochtend", "middag", "avond")},
}
"""Vrijdagavond, vanavond: the same in Dutch."""
COMPOUNDS |= DUTCH_COMPOUNDS

WORDS: frozenset[str] = frozenset({w for phrase in VOCABULARY for w in phrase} | set(COMPOUNDS))
LONGEST: int = max(map(len, VOCABULARY))
