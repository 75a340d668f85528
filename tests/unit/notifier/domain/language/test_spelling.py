"""Small slips are corrected, and only where no other word can be meant."""

import pytest

from notifier.domain.language.words.spelling import corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tommorow", "tomorrow"),
        ("tomorow", "tomorrow"),
        ("donerstag", "donnerstag"),
        ("wendesday", "wednesday"),
        ("morgne", "morgen"),
        ("uebermorgn", "uebermorgen"),
        ("eigthy", "eighty"),
        ("prozet", "prozent"),
        ("freitagmorgn", "freitagmorgen"),
    ],
)
def test_one_slip_is_corrected(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize("word", ["morgen", "achtzig", "heute", "nacht", "nicht", "montags"])
def test_what_is_a_word_stays_as_it_is(word: str) -> None:
    assert corrected(word) == word


@pytest.mark.parametrize("word", ["sorgen", "beute", "leute", "feuer", "siegen", "height", "mourning", "yours"])
def test_another_everyday_word_is_not_taken_for_a_slip(word: str) -> None:
    assert corrected(word) == word


@pytest.mark.parametrize("word", ["thuesday", "morn", "freit", "siebzen"])
def test_what_may_be_a_slip_of_two_words_or_is_too_short_stays_as_it_is(word: str) -> None:
    assert corrected(word) == word
