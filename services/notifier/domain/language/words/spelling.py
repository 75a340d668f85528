"""Small slips of the finger in words that are long enough to be recognised all the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from notifier.domain.language.tokens import Kind
from notifier.domain.language.words.lookalikes import LOOKALIKES
from notifier.domain.language.words.vocabulary import COMPOUNDS, DUTCH_COMPOUNDS, VOCABULARY, WORDS

MIN_LETTERS = 5
"""Shorter words have too many neighbours."""
MIN_LETTERS_OF_OTHERS = 8
"""A word that says no time and no number is worth less than the risk to take another word for it."""
_WORTHWHILE = frozenset(
    {
        *(Kind.WEEKDAY, Kind.WEEKEND, Kind.MONTH, Kind.AHEAD, Kind.MORGEN, Kind.PART, Kind.MIDNIGHT),
        *(Kind.NUMBER, Kind.PERCENT, Kind.HOURS, Kind.MINUTES, Kind.QUARTER, Kind.FULL),
    }
)


def squeezed(word: str) -> str:
    """``word`` with every doubled letter once: tommorow and tomorrow are the same."""
    return "".join(letter for before, letter in zip(" " + word, word, strict=False) if letter != before)


def _shortened(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


@cache
def _neighbours() -> Mapping[str, set[str]]:
    """Known words by what is left of them without one letter: two words within one slip share such a rest.

    Made for the first message: it is the most memory of all that the grammar needs.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for word in WORDS:
        # Dutch is too near to German: a slip in one would be a word of the other.
        dutch = word in DUTCH_COMPOUNDS or ((word,) in VOCABULARY and VOCABULARY[(word,)][2] == "nl")
        if len(word) >= MIN_LETTERS and not dutch:
            for rest in _shortened(squeezed(word)):
                found[rest].add(word)
    return found


def corrected(word: str) -> str:
    """The known word that is meant by ``word``; itself when there is none, or more than one."""
    if word in WORDS or len(word) < MIN_LETTERS or word in LOOKALIKES or not word.isalpha():
        return word
    plain = squeezed(word)
    near = {known for rest in _shortened(plain) for known in _neighbours().get(rest, ())}
    for most in (0, 1):
        found = sorted(known for known in near if _slips(plain, squeezed(known)) <= most)
        if found:
            alike = len({_meaning(known) for known in found}) == 1
            return found[0] if alike and (_worthwhile(found[0]) or len(word) >= MIN_LETTERS_OF_OTHERS) else word
    return word


def _worthwhile(word: str) -> bool:
    entry = VOCABULARY.get((word,))
    return word in COMPOUNDS or (entry is not None and entry[0] in _WORTHWHILE)


def _meaning(word: str) -> object:
    entry = VOCABULARY.get((word,))
    if entry is not None:
        return entry[:2]
    if word in COMPOUNDS:
        return tuple(VOCABULARY[(part,)][:2] for part in COMPOUNDS[word])
    return word


def _slips(one: str, other: str) -> int:
    """0 for the same word, 1 for a letter more, less, another, or two exchanged; otherwise 2."""
    if one == other:
        return 0
    if len(one) > len(other):
        one, other = other, one
    same = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    if len(one) < len(other):
        return 1 if one[same:] == other[same + 1 :] else 2
    if one[same + 1 :] == other[same + 1 :]:
        return 1
    exchanged = one[same : same + 2] == other[same : same + 2][::-1] and one[same + 2 :] == other[same + 2 :]
    return 1 if exchanged else 2
