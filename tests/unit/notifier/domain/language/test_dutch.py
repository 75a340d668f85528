"""What drivers write in Dutch."""

from datetime import timedelta

import pytest

from notifier.domain.language.reader import span_of, understand
from notifier.domain.language.understood import Ambiguous, Intent, Unclear, Understood
from support.phrases import BERLIN, NOW, local

TODAY, TOMORROW, FRIDAY = "2026-11-18", "2026-11-19", "2026-11-20"
"""It is Wednesday, 19:20."""


@pytest.mark.parametrize(
    ("words", "soc_pct", "departure"),
    [
        ("80% morgen om 7 uur", 80, f"{TOMORROW} 07:00"),
        ("80 procent, morgen om 7 uur", 80, f"{TOMORROW} 07:00"),
        ("vol om half acht", 100, f"{TOMORROW} 07:30"),
        ("vol om half acht 's ochtends", 100, f"{TOMORROW} 07:30"),
        ("morgenochtend half acht", None, f"{TOMORROW} 07:30"),
        ("vrijdag 18:00 60 procent", 60, f"{FRIDAY} 18:00"),
        ("vrijdagavond om acht uur 90%", 90, f"{FRIDAY} 20:00"),
        ("vr 18:30", None, f"{FRIDAY} 18:30"),
        ("over 3 uur", None, f"{TODAY} 22:20"),
        ("over een half uur", None, f"{TODAY} 19:50"),
        ("over anderhalf uur", None, f"{TODAY} 20:50"),
        ("over een kwartier 80%", 80, f"{TODAY} 19:35"),
        ("over 30 minuten", None, f"{TODAY} 19:50"),
        ("morgenochtend tien voor half acht", None, f"{TOMORROW} 07:20"),
        ("morgen kwart over zeven", None, f"{TOMORROW} 07:15"),
        ("morgen kwart voor acht", None, f"{TOMORROW} 07:45"),
        ("overmorgen om 6 uur, helemaal vol graag", 100, "2026-11-20 06:00"),
        ("laad tot 80 procent", 80, None),
        ("laden naar 70%", 70, None),
        ("minstens 65 %", 65, None),
        ("morgen voor 8 uur 80%", 80, f"{TOMORROW} 08:00"),
        ("zaterdag om 9 uur moet de auto vol zijn", 100, "2026-11-21 09:00"),
        ("80% vandaag om 22 uur", 80, f"{TODAY} 22:00"),
        ("21 november 07:00 tot 90 procent", 90, "2026-11-21 07:00"),
        ("tachtig procent", 80, None),
        ("vijfenzeventig procent morgen 7:30", 75, f"{TOMORROW} 07:30"),
    ],
)
def test_an_ordinary_phrase_means_what_a_driver_means(words: str, soc_pct: float | None, departure: str | None) -> None:
    assert understand(words, NOW, BERLIN) == Understood(soc_pct, local(departure) if departure else None)


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("stop", Intent.CANCEL),
        ("laat maar", Intent.CANCEL),
        ("geen doel", Intent.CANCEL),
        ("annuleren", Intent.CANCEL),
        ("nee, bedankt", Intent.NO),
        ("ja graag", Intent.YES),
        ("geen haast", Intent.NO_HURRY),
        ("maakt niet uit", Intent.NO_HURRY),
        ("nu meteen", Intent.NOW),
        ("hoe vol is de auto?", Intent.STATUS),
        ("hulp", Intent.HELP),
    ],
)
def test_a_wish_is_heard(words: str, intent: Intent) -> None:
    heard = understand(words, NOW, BERLIN)
    assert isinstance(heard, Understood)
    assert (heard.intent, heard.soc_pct, heard.departure) == (intent, None, None)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("elke dag om 7 uur", Unclear.RECURRING),
        ("200 km bereik", Unclear.NOT_A_RANGE),
        ("gisteren om 7 uur", Unclear.PAST),
        ("niet om 7 uur", Unclear.NONSENSE),
        ("na 8 uur", Unclear.NONSENSE),
        ("bananen", Unclear.NONSENSE),
    ],
)
def test_what_cannot_be_a_goal_is_none(words: str, why: Unclear) -> None:
    assert understand(words, NOW, BERLIN) is why


@pytest.mark.parametrize(
    ("words", "minutes"), [("2 uur", 120), ("anderhalf uur", 90), ("een half uur", 30), ("45 min", 45)]
)
def test_a_length_of_time_is_read_where_one_is_wanted(words: str, minutes: float) -> None:
    assert span_of(words) == timedelta(minutes=minutes)


def test_half_with_a_figure_is_asked_back_because_britons_mean_another_hour() -> None:
    assert isinstance(understand("morgen om half 8", NOW, BERLIN), Ambiguous)
