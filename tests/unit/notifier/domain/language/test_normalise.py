"""The same words, however they were typed."""

import pytest

from notifier.domain.language.normalise import normalise


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("u\u0308bermorgen", "übermorgen"),
        ("80\u202f%\u00a07:30", "80 % 7:30"),
        ("\uff17\uff1a\uff13\uff10", "7:30"),
        ("٨٠ %", "80 %"),
        ("80 % 🔋⚡", "80 %"),
        ("👍🏽 80", "80"),
        ("7\ufe0f\u20e3 Uhr", "7 Uhr"),
        ("2½ h", "2,5 h"),
        ("½ h", "0,5 h"),
        ("1/2 h", "0.5 h"),
        ("7³⁰ Uhr", "7:30 Uhr"),
        ("80 \u2013 90", "80 - 90"),
        ("40 % \u2192 80 %", "40 % > 80 %"),
        ("\u201e80\u201c", "80"),
        ("8 o\u2019clock", "8 o'clock"),
        ("80 %\nmorgen", "80 %;morgen"),
        ("💯", "100%"),
        ("≥ 60", "mindestens 60"),
        ("@7", "at 7"),
        ("\u200b80\u200d", "80"),
    ],
)
def test_characters_that_mean_the_same_become_the_same(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


def test_a_degree_sign_is_no_emoji_because_it_changes_what_a_number_means() -> None:
    assert normalise("20 °") == "20 °"
