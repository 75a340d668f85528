"""What holds for whatever people write."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from ems.contract.message import Language
from ems.i18n.formatter import Formatter
from ems.i18n.languages import LOCALES
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import (
    FARTHEST,
    Ambiguous,
    Reading,
    Unclear,
    Understood,
)
from notifier.domain.wording.goals import Alternative
from notifier.domain.wording.renderer import Renderer
from support.phrases import BERLIN, NOW, PHRASES

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  given by timezones


@given(now=moments, text=st.text(max_size=60))
def test_whatever_is_written_is_understood_as_something_possible_or_not_at_all(now: datetime, text: str) -> None:
    _possible(understand(text, now, BERLIN), now)


_SAID = (
    "morgen früh um 7 uhr in 3h heute abend freitag friday tomorrow 7am 80 80% 14:30 29.3. 25.10. mitternacht halb 8 "
    "übermorgen tonight at by bis 2:30 24:00 nachts sonntag 2026-03-29 0 99999 voll mittag 12 pm :"
)
_WORDS = st.sampled_from(_SAID.split())


@given(now=moments, words=st.lists(_WORDS, max_size=6))
def test_however_words_are_put_together_the_result_is_possible_or_none(now: datetime, words: list[str]) -> None:
    _possible(understand(" ".join(words), now, BERLIN), now)


@given(
    now=moments,
    minutes=st.integers(1, 60 * 24 * 30),
    soc_pct=st.none() | st.integers(10, 100),
    language=st.sampled_from(Language),
)
def test_what_is_said_back_is_understood_as_the_same_again(
    now: datetime, minutes: int, soc_pct: int | None, language: Language
) -> None:
    departure = now.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    by = {Language.EN: "by", Language.DE: "bis", Language.NL: "voor"}[language]
    said = (
        f"{soc_pct} % " * (soc_pct is not None) + f"{by} {Formatter(LOCALES[language], BERLIN, now).moment(departure)}"
    )
    assert understand(said, now, BERLIN) == Understood(soc_pct, departure)


@given(now=moments, text=st.sampled_from(PHRASES))
def test_every_phrase_that_is_understood_means_the_same_when_it_is_read_back(now: datetime, text: str) -> None:
    found = understand(text, now, BERLIN, cars=("Zoe",))
    options = found.alternatives if isinstance(found, Ambiguous) else (found,)
    for meant in options:
        if isinstance(meant, Understood) and meant.departure and meant.departure.replace(second=0, microsecond=0) > now:
            departure = meant.departure.replace(second=0, microsecond=0)
            says = Renderer(BERLIN, now)
            for language in Language:
                words = says.words(Alternative(meant.soc_pct, departure), language)
                assert understand(words, now, BERLIN) == Understood(meant.soc_pct, departure), words


@given(
    number=st.floats(100.5, 1e12),
    pattern=st.sampled_from(["{}%", "auf {} %", "{} Prozent bis morgen", "charge to {}%"]),
)
def test_more_than_full_is_never_understood(number: float, pattern: str) -> None:
    text = pattern.format(f"{number:.1f}" if number < 1e6 else int(number))
    assert isinstance(understand(text, NOW, BERLIN), Unclear)


@given(number=st.integers(101, 999), pattern=st.sampled_from(["{}", "auf {}", "bis {}", "{} um 7", "morgen {}"]))
def test_a_number_above_100_is_no_soc_without_a_sign_either(number: int, pattern: str) -> None:
    assert isinstance(understand(pattern.format(number), NOW, BERLIN), Unclear)


@given(text=st.sampled_from(PHRASES), form=st.sampled_from(["NFC", "NFD"]))
def test_umlauts_and_spaces_mean_the_same_in_every_form(text: str, form: Literal["NFC", "NFD"]) -> None:
    plain = understand(text, NOW, BERLIN, cars=("Zoe",))
    assert understand(unicodedata.normalize(form, text).replace(" ", "\u202f"), NOW, BERLIN, cars=("Zoe",)) == plain


@given(text=st.sampled_from(PHRASES), emoji=st.sampled_from("🔋⚡🙏👍🏽🚗☕"))
def test_emoji_change_nothing(text: str, emoji: str) -> None:
    plain = understand(text, NOW, BERLIN, cars=("Zoe",))
    assert understand(f"{emoji}{text} {emoji}", NOW, BERLIN, cars=("Zoe",)) == plain


@given(now=moments, hours=st.integers(1, 24 * 30))
def test_a_span_is_as_long_as_it_says_whatever_clocks_do(now: datetime, hours: int) -> None:
    found = understand(f"in {hours}h", now, BERLIN)
    if isinstance(found, Understood):
        assert found == Understood(departure=now + timedelta(hours=hours))
    else:  # an hour that comes twice
        assert isinstance(found, Ambiguous)
        assert Understood(departure=now + timedelta(hours=hours)) in found.alternatives


@given(now=moments, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_clock_time_is_the_next_one_that_shows_it(now: datetime, hour: int, minute: int) -> None:
    found = understand(f"um {hour:02}:{minute:02}", now, BERLIN)
    if isinstance(found, Ambiguous):
        assert hour == 2  # in the nights of spring and autumn
        return
    assert isinstance(found, Understood)
    assert found.departure is not None
    assert timedelta(0) < found.departure - now <= timedelta(hours=25)
    shown = found.departure.astimezone(BERLIN)
    if (hour, shown.month) != (2, 3):  # 02:xx does not exist in the night of spring
        assert (shown.hour, shown.minute) == (hour, minute)


def _possible(found: Reading, now: datetime) -> None:
    if isinstance(found, Unclear):
        return
    for meant in found.alternatives if isinstance(found, Ambiguous) else (found,):
        assert meant.soc_pct is not None or meant.departure is not None or meant.intent is not None
        assert meant.soc_pct is None or 10 <= meant.soc_pct <= 100
        if meant.departure is not None:
            assert timedelta(0) < meant.departure - now <= FARTHEST
            assert meant.departure.utcoffset() == timedelta(0)
