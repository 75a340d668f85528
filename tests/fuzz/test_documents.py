"""Documents from outside, wrong in every way: no crash, and an error that says something.

``make fuzz`` tries a hundred thousand; the tests of every day try a few of each.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import evcc_poller.settings
import notifier.config_loader
import notifier.settings
import tariff_planner.settings
import vehicle_soc.config_loader
import vehicle_soc.settings
from ems.contract import topics
from ems.contract.message import Malformed
from ems.contract.site import TariffKind
from ems.contract.topic import Json
from ems.runtime.errors import TransientError
from ems.runtime.settings import ServiceSettings, SettingsError
from evcc_poller.adapters.evcc_reply import unwrap
from evcc_poller.domain.parsing import rates
from evcc_poller.domain.parsing.state import read_state
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from notifier.adapters import telegram_api
from support.mutations import mutated
from tariff_planner.adapters import problem_file

TESTS = Path(__file__).parents[1]
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
EXAMPLES = int(os.environ.get("EXAMPLES", "20"))
"""Of each kind."""
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def body(name: str) -> tuple[Any, ...]:
    """What each recorded evcc answered."""
    found = [read(path)[name]["response"]["body"] for path in sorted((TESTS / "fixtures/evcc-recorded").glob("*.json"))]
    return tuple(unwrap(one) for one in found)


STATES = (*body("state"), *body("state-plan"), *body("state-charge"))
RATES = tuple(one for kind in ("grid", "solar") for one in body(f"tariff-{kind}"))
GOLDEN = {path.name.split(".")[0]: read(path) for path in sorted((TESTS / "contract/golden").glob("*.full.json"))}
MESSAGES = sorted({t.codec.model.__name__: t.codec.model for t in topics.TOPICS if isinstance(t.codec, Json)}.items())


@fuzzed
@given(state=mutated(STATES))
def test_what_evcc_answers_is_read_as_far_as_it_goes_and_can_be_published(state: Any) -> None:
    if not isinstance(state, dict):
        return  # the adapter has refused it
    found = read_state(state, AT, VehicleNames({}))
    for message in (found.site, *found.loadpoints):
        assert type(message).parse(message.payload()) == message


@fuzzed
@given(answer=mutated(RATES), kind=st.sampled_from(TariffKind))
def test_rates_are_read_as_far_as_they_go_and_can_be_published(answer: Any, kind: TariffKind) -> None:
    told = rates.read(answer, kind)
    tariff = rates.fresh(kind, told.rates, AT, told.trouble(kind))
    assert type(tariff).parse(tariff.payload()) == tariff
    assert all(before.start < after.start for before, after in pairwise(told.rates))


@pytest.mark.parametrize(("name", "model"), MESSAGES)
@fuzzed
@given(data=st.data())
def test_a_payload_is_a_message_or_refused_in_words(name: str, model: Any, data: st.DataObject) -> None:
    document = data.draw(mutated((GOLDEN[name],)))
    try:
        payload = json.dumps(document).encode("utf-8", "surrogatepass")
    except ValueError:
        return
    try:
        message = model.parse(payload)
    except Malformed as refused:
        assert str(refused)  # noqa: PT017 - both outcomes are right, a third one is not
    else:
        assert model.parse(message.payload()) == message


FILES: dict[type[ServiceSettings], dict[str, Any]] = {
    evcc_poller.settings.Settings: {
        "mqtt": {
            "host": "mqtt-01",
            "port": 8883,
            "tls": True,
            "username": "evcc-poller",
            "password_credential": "mqtt",
        },
        "evcc": {"url": "http://evcc-01:7070", "timeout_s": 5},
        "history": {"retention_days": 400},
        "control": {"enabled": True, "battery_modes": ["charge", "hold"]},
        "vehicle_names": {"Weißer Zoe": "zoe"},
    },
    tariff_planner.settings.Settings: {
        "timezone": "Europe/Amsterdam",
        "battery": {
            "capacity_kwh": 10,
            "reserve_soc_pct": 10,
            "goals": [{"soc_pct": 80, "by": "17:00", "days": ["mon"]}],
        },
        "vehicles": {
            "zoe": {"capacity_kwh": 52, "max_kw": 22, "trips": [{"leaves": "07:30", "back": "17:00", "kwh": 8}]}
        },
        "grid": {"import_limit_kw": 13.8, "limits": [{"start": "17:00", "end": "20:00", "import_limit_kw": 4.2}]},
        "solver": {"seconds": 5},
    },
    vehicle_soc.settings.Settings: {
        "vehicles": {
            "zoe": {
                "provider": "renault",
                "account": "anna@example.com",
                "password_credential": "renault",
                "vin": "VF1",
            },
            "ioniq": {"provider": "http", "url": "http://car.example/soc", "soc": {"json": "/soc"}},
        },
    },
    notifier.settings.Settings: {
        "telegram": {"token_credential": "telegram"},
        "drivers": {"anna": {"chat_id": 4711, "vehicles": ["zoe"], "language": "de"}},
        "weekly_goals": {"zoe": [{"soc_pct": 80, "by": "07:00", "days": ["mon", "tue"]}]},
    },
}
CONFIG: dict[type[ServiceSettings], Callable[[Any], object]] = {
    vehicle_soc.settings.Settings: vehicle_soc.config_loader.load,
    notifier.settings.Settings: notifier.config_loader.load,
}


@pytest.mark.parametrize("model", FILES, ids=lambda model: model.__module__)
@fuzzed
@given(data=st.data())
def test_settings_are_taken_or_refused_by_a_line_that_names_the_file(
    model: type[ServiceSettings], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / "settings.yaml"
    document = data.draw(mutated(({"state_dir": str(folder), **FILES[model]},)))
    try:
        path.write_text(yaml.safe_dump(document, allow_unicode=data.draw(st.booleans())), encoding="utf-8")
    except UnicodeEncodeError:
        return
    try:
        taken = model.load(path)
        if model in CONFIG:
            CONFIG[model](taken)
    except SettingsError as refused:
        assert str(path) in str(refused) or model in CONFIG  # noqa: PT017 - both outcomes are right


UPDATES = (
    {
        "update_id": 7,
        "message": {
            "message_id": 1,
            "date": 1_796_000_000,
            "chat": {"id": 4711, "type": "private"},
            "from": {"id": 4711, "is_bot": False, "language_code": "de"},
            "text": "80 bis morgen um 7",
            "reply_to_message": {"message_id": 1, "date": 1_796_000_000, "chat": {"id": 4711, "type": "private"}},
        },
    },
    {
        "update_id": 8,
        "callback_query": {
            "id": "1",
            "from": {"id": 4711},
            "data": "goal:zoe:80",
            "message": {"message_id": 2, "date": 1_796_000_000, "chat": {"id": 4711, "type": "group"}},
        },
    },
)


@fuzzed
@given(update=mutated(UPDATES))
def test_an_update_of_telegram_is_read_or_passed_over_by_its_number(update: Any) -> None:
    number = update.get("update_id") if isinstance(update, dict) else None
    try:
        found = telegram_api._update(update)
    except TransientError:
        assert not isinstance(number, int)
    else:
        assert found.update_id == number or not isinstance(number, int)


PROBLEMS = tuple(read(TESTS / "fixtures/planner-cases" / name) for name in ("01-flat.json", "36-two-bat-flat.json"))


@settings(fuzzed, max_examples=max(10, EXAMPLES // 10))
@given(problem=mutated(PROBLEMS))
def test_a_problem_in_a_file_is_solved_or_refused_in_words(problem: Any) -> None:
    try:
        text = json.dumps(problem)
    except ValueError:
        return
    try:
        answer = problem_file.solve(text, 0.5)
    except (ValueError, RuntimeError) as refused:
        assert str(refused)  # noqa: PT017 - both outcomes are right
    else:
        assert json.dumps(answer, allow_nan=False)
