"""What is wrong with a service is said in every language, and its kinds are stable."""

import re
from dataclasses import fields
from typing import Any, get_args

import pytest

from ems.contract.message import Language, Text
from ems.contract.service import HealthState
from ems.i18n.health import troubles
from ems.i18n.health.renderer import problem, words

CLASSES: list[type[Any]] = list(get_args(troubles.HealthTrouble.__value__))
TEXT = Text(en="Words.", de="Worte.", nl="Woorden.")
VALUES: dict[Any, list[Any]] = {
    str: ["broken pipe"],
    str | None: [None, "stale"],
    int: [0, 1, 502],
    float | None: [None, 14.5],
    bool: [False, True],
    Text: [TEXT],
    tuple[str, ...]: [("one",), ("one", "two")],
    tuple[int, ...]: [(), (1, 12)],
}
OWN: dict[tuple[str, str], list[Any]] = {("not_kept", "what"): list(troubles.KEPT), ("access_denied", "verb"): ["read"]}
ODD = re.compile(r"  | [,.;:]|\{\}|None|True|False|\(\)")


def examples(cls: type[Any]) -> list[Any]:
    """With each field at each of its values, the others at their last."""
    values = {f.name: OWN.get((cls.kind, f.name)) or VALUES[f.type] for f in fields(cls)}
    full = {name: of[-1] for name, of in values.items()}
    return [cls(**full | {name: value}) for name, of in values.items() for value in of]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.kind)
def test_every_trouble_is_said_in_every_language_and_none_borrows_anothers_words(cls: type[Any]) -> None:
    for trouble in examples(cls):
        text = words(trouble)
        said = [text.in_language(language) for language in Language]
        assert all(one and not ODD.search(one) for one in said), said
        assert len(set(said)) == len(said), said


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.kind)
def test_what_is_published_has_the_kind_and_no_words_among_its_parameters(cls: type[Any]) -> None:
    for trouble in examples(cls):
        told = problem(trouble, HealthState.DEGRADED)
        assert told.reason.kind == cls.kind
        assert set(told.reason.parameters) <= {f.name for f in fields(cls) if f.type is not Text}
        assert "text" not in told.reason.parameters


def test_kinds_are_stable() -> None:
    """Automations hang on them: a kind is never renamed."""
    assert {cls.kind for cls in CLASSES} == {
        "access_denied",
        "broker_away",
        "car_trouble",
        "chat_unreachable",
        "client_id_taken",
        "device_trouble",
        "evcc_misconfigured",
        "evcc_steers",
        "evcc_unanswered",
        "evcc_unreadable",
        "file_set_aside",
        "history_gap",
        "history_unanswered",
        "history_unusable",
        "influx_away",
        "influx_other_type",
        "influx_refuses",
        "influx_unanswered",
        "learning_failed",
        "limits_left",
        "names_unusable",
        "no_plan",
        "no_proposal",
        "not_kept",
        "odd_prices",
        "payload_refused",
        "rates_missing",
        "rates_odd",
        "rates_untold",
        "root_erased",
        "rules_instead",
        "telegram_away",
        "worker_unreadable",
        "workers_away",
        "write_failed",
    }


@pytest.mark.parametrize(
    ("device", "german", "dutch"),
    [("battery", "Batterie: x", "batterij: x"), ("loadpoint-2", "Ladepunkt 2: x", "laadpunt 2: x")],
)
def test_a_device_is_called_as_people_call_it(device: str, german: str, dutch: str) -> None:
    said = words(troubles.DeviceTrouble(device, "lost", Text(en="x", de="x", nl="x")))
    assert (said.en, said.de, said.nl) == (f"{device}: x", german, dutch)
