"""What a command is answered that its service never saw: as data, and in every language."""

import pytest

from ems.contract.control import Boost, SetLimitSoc, SetMode
from ems.contract.message import Command, Language, Malformed, Text
from ems.contract.people import SetGoal
from ems.contract.plan import SetPlanning
from ems.contract.validation import Mistake, MistakeKind
from ems.contract.vehicle import LoginCode, SetSoc
from ems.i18n.answers import renderer
from ems.i18n.answers.refusals import BusRefusal, Busy, Failed, Invalid, NoSuchName, Retained
from ems.i18n.records import CommandAnswer

EVERY_MISTAKE = [
    *(Mistake(fault, field) for fault in MistakeKind for field in ("", "soc_pct", "goals.0.colour")),
    *(Mistake(MistakeKind.OUT_OF_RANGE, "minutes", least=low, most=high) for low in (None, 0) for high in (None, 9)),
    *(Mistake(MistakeKind.WRONG_LENGTH, "code", least=low, most=high) for low in (None, 4) for high in (None, 9)),
    Mistake(MistakeKind.UNKNOWN_FIELD, "mood", ("id", "mode"), meant="mode"),
    Mistake(MistakeKind.WRONG_FORM, "code", (r"^[A-Za-z0-9]+$",)),
]
REFUSALS: list[BusRefusal] = [
    Retained(),
    NoSuchName("loadpoint/{id}/mode/set"),
    Busy(32),
    Failed("evcc does not answer"),
    *(
        Invalid((mistake,))
        for mistake in EVERY_MISTAKE
        if mistake.fault is not MistakeKind.WRONG_FORM or mistake.allowed
    ),
]


def refused(command: type[Command], payload: str) -> CommandAnswer:
    with pytest.raises(Malformed) as why:
        command.parse(payload.encode())
    return renderer.malformed(why.value)


def test_a_number_beyond_its_range_is_refused_with_the_range_in_the_readers_language() -> None:
    answer = refused(SetGoal, '{"soc_pct": 180}')
    assert answer.text == Text(
        en="The SoC must be between 0 and 100 %.",
        de="Der Ladestand muss zwischen 0 und 100 % liegen.",
        nl="Het laadniveau moet tussen 0 en 100 % liggen.",
    )
    assert (answer.kind, answer.parameters) == (
        "invalid",
        {"fault": "out_of_range", "field": "soc_pct", "least": 0, "most": 100, "unit": "%"},
    )


@pytest.mark.parametrize(
    ("command", "payload", "mistake"),
    [
        (SetMode, "{}", Mistake(MistakeKind.MISSING, "mode")),
        (SetMode, "{", Mistake(MistakeKind.NOT_JSON, "")),
        (SetMode, '"now"', Mistake(MistakeKind.NOT_AN_OBJECT, "")),
        (SetMode, '{"mode": "warp"}', Mistake(MistakeKind.NOT_A_CHOICE, "mode", ("off", "pv", "minpv", "now"))),
        (SetLimitSoc, '{"limit_soc_pct": "80"}', Mistake(MistakeKind.NOT_A_NUMBER, "limit_soc_pct")),
        (SetLimitSoc, '{"limit_soc_pct": NaN}', Mistake(MistakeKind.NOT_A_NUMBER, "limit_soc_pct")),
        (Boost, '{"minutes": 9999}', Mistake(MistakeKind.OUT_OF_RANGE, "minutes", least=0, most=1440, unit="min")),
        (
            SetSoc,
            '{"soc_pct": 50, "measured_at": "2026-11-30T07:00:00"}',
            Mistake(MistakeKind.NOT_A_MOMENT, "measured_at"),
        ),
        (SetGoal, '{"keep": "yes"}', Mistake(MistakeKind.NOT_YES_OR_NO, "keep")),
        (
            SetPlanning,
            '{"battery_goal": {"soc_pct": -1, "by": "2026-11-30T07:00:00Z"}}',
            Mistake(MistakeKind.OUT_OF_RANGE, "battery_goal.soc_pct", least=0, most=100, unit="%"),
        ),
        (LoginCode, '{"code": "12"}', Mistake(MistakeKind.WRONG_LENGTH, "code", least=4, most=16)),
        (LoginCode, '{"code": "12 34"}', Mistake(MistakeKind.WRONG_FORM, "code", (r"^[A-Za-z0-9]+$",))),
    ],
)
def test_what_is_wrong_with_a_payload_is_known_as_data(command: type[Command], payload: str, mistake: Mistake) -> None:
    with pytest.raises(Malformed) as why:
        command.parse(payload.encode())
    assert why.value.mistakes == (mistake,)


def test_a_field_that_is_almost_right_is_named() -> None:
    assert "did you mean mode?" in refused(SetMode, '{"mode": "now", "mood": 1}').text.en


def test_every_mistake_of_a_payload_is_told() -> None:
    text = refused(SetGoal, '{"soc_pct": 180, "keep": 1}').text
    assert text.de == "Der Ladestand muss zwischen 0 und 100 % liegen. Das Feld keep muss true oder false sein."


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
def test_every_refusal_of_the_bus_is_a_sentence_in_every_language(refusal: BusRefusal) -> None:
    text = renderer.answer(refusal).text
    said = [text.in_language(language) for language in Language]
    assert len(set(said)) == len(Language)
    assert all(words[0].isupper() or words[0].isdigit() for words in said)
    assert all(words.endswith((".", "?")) and len(words) <= 160 for words in said)
