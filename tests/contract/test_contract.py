"""The contract holds: old payloads go on being understood, bad ones are refused in words, pages are true."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ems.contract import topics
from ems.contract.access import access, publishers
from ems.contract.control import LoadpointAction, Proposal, SetMode
from ems.contract.message import Malformed, Message
from ems.contract.service import SERVICES, Health, Service, Status
from ems.contract.site import LoadpointMode, Site
from ems.contract.topic import Json, Kind, Topic
from ems.contract.topics import DEVICE_RESULT, TOPICS, commanded_device
from ems.contract.units import Percent
from reference_pages import models, pages

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[2] / "docs"
MODELS: dict[str, type[Message]] = {m.__name__: m for m in models() if issubclass(m, Message)}
COMMANDS = [t for t in topics.TOPICS if t.kind in {Kind.COMMAND, Kind.REQUEST}]


def keeps(said: Any, golden: Any) -> bool:
    """Whether everything in ``golden`` stands in ``said``, which may say more (defaults)."""
    if isinstance(golden, dict):
        return isinstance(said, dict) and all(k in said and keeps(said[k], golden[k]) for k in golden)
    if isinstance(golden, list):
        return len(said) == len(golden) and all(map(keeps, said, golden))
    return bool(said == golden)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda p: p.stem)
def test_a_golden_payload_is_understood_and_every_field_of_it_kept(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    message = MODELS[path.name.split(".")[0]].parse(path.read_bytes())
    said = json.loads(message.payload())
    assert keeps(said, golden)
    assert type(message).parse(message.payload()) == message


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_message_has_a_full_and_a_least_golden_payload(name: str) -> None:
    assert (GOLDEN / f"{name}.full.json").exists()
    assert (GOLDEN / f"{name}.least.json").exists()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_full_golden_payload_names_every_field_that_the_message_had_when_it_was_made(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.full.json").read_text(encoding="utf-8"))
    gone = set(golden) - set(MODELS[name].model_fields)
    assert not gone


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_newer_sender_may_say_more_in_facts_but_a_command_with_an_unknown_field_is_refused(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.full.json").read_text(encoding="utf-8")) | {"from_the_future": 1}
    payload = json.dumps(golden).encode()
    if MODELS[name].model_config.get("extra") == "forbid":
        with pytest.raises(Malformed, match="from_the_future: unknown"):
            MODELS[name].parse(payload)
    else:
        assert b"from_the_future" not in MODELS[name].parse(payload).payload()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"{", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[]", "the whole payload: input should be an object"),
        (b'{"mode": "fast"}', "mode: input should be 'off', 'pv', 'minpv' or 'now'"),
        (b'{"mode": 1}', "mode: input should be 'off'"),
        (b'{"mod": "pv"}', "mod: unknown (did you mean 'mode'?); known are id, mode"),
        (b"{}", "mode: missing"),
        (b'{"v": 2, "mode": "pv"}', "v: input should be 1"),
    ],
)
def test_a_malformed_command_is_refused_by_words_that_name_the_field_and_what_is_allowed(
    payload: bytes, words: str
) -> None:
    with pytest.raises(Malformed) as refused:
        SetMode.parse(payload)
    assert words in str(refused.value)


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", '"80"', "true", "[1]", "{}"])
def test_a_number_that_is_none_is_refused(bad: str) -> None:
    golden = (GOLDEN / "Site.full.json").read_text(encoding="utf-8").replace('"grid_w": -1250.0', f'"grid_w": {bad}')
    with pytest.raises(Malformed, match="grid_w"):
        Site.parse(golden.encode())


@pytest.mark.parametrize("bad", ["NaN", "Infinity", '[1, {"a": -Infinity}]'])
def test_nor_is_one_taken_among_the_parameters_of_a_reason(bad: str) -> None:
    golden = json.loads((GOLDEN / "Health.full.json").read_text(encoding="utf-8"))
    golden["problems"][0]["reason"]["parameters"] = {"detail": "HERE"}
    with pytest.raises(Malformed, match=r"parameters\.detail: input should be a finite number"):
        Health.parse(json.dumps(golden).replace('"HERE"', bad).encode())


def test_a_refusal_never_repeats_what_was_sent() -> None:
    with pytest.raises(Malformed) as refused:
        SetMode.parse(b'{"mode": "hunter2", "id": 12345678}')
    assert "hunter2" not in str(refused.value)
    assert "12345678" not in str(refused.value)


def test_a_time_without_an_offset_is_refused_and_any_offset_becomes_utc() -> None:
    golden = json.loads((GOLDEN / "Proposal.full.json").read_text(encoding="utf-8"))
    with pytest.raises(Malformed, match="at: input should have timezone info"):
        Proposal.parse(json.dumps(golden | {"at": "2026-11-21T08:00:00"}).encode())
    berlin = Proposal.parse(json.dumps(golden | {"at": "2026-11-21T09:00:00+01:00"}).encode())
    assert json.loads(berlin.payload())["at"] == "2026-11-21T08:00:00Z"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_malformed(payload: bytes) -> None:
    for topic in topics.TOPICS:
        try:
            topic.codec.decode(payload)
        except Malformed as refused:
            assert str(refused)  # noqa: PT017 - both outcomes are right, a third one is not


def test_absent_fields_are_left_out_of_the_payload() -> None:
    assert b"limit_soc_pct" not in LoadpointAction(mode=LoadpointMode.PV).model_dump_json(exclude_none=True).encode()
    assert b"null" not in Site.parse((GOLDEN / "Site.least.json").read_bytes()).payload()


def test_the_status_is_plain_text() -> None:
    assert topics.STATUS.codec.encode(Status.ONLINE) == b"online"
    assert topics.STATUS.codec.decode(b"offline") is Status.OFFLINE
    with pytest.raises(Malformed, match="online, offline"):
        topics.STATUS.codec.decode(b"Online")


@pytest.mark.parametrize("topic", topics.TOPICS, ids=lambda t: t.pattern)
def test_no_two_topics_share_a_path(topic: Topic[Any]) -> None:
    names = {"service": "notifier", "id": "1", "tariff": "grid", "device": "battery", "vehicle": "limo"}
    names |= {"driver": "anna", "forecast": "pv", "controller": "lp", "event": "charged"}
    path = topic.path(**{k: v for k, v in names.items() if f"{{{k}}}" in topic.pattern})
    assert [t.pattern for t in topics.TOPICS if t.names(path) is not None] == [topic.pattern]


def test_names_are_checked_and_never_rewritten() -> None:
    assert topics.VEHICLE.path(vehicle="my_twingo") == "vehicle/my_twingo"
    for bad in ("My Twingo", "a/b", "+", "#", "", "db:1"):
        with pytest.raises(ValueError, match="not allowed"):
            topics.VEHICLE.path(vehicle=bad)
    with pytest.raises(ValueError, match="missing"):
        topics.VEHICLE.path()
    assert topics.LOADPOINT.names("loadpoint/0") is None
    assert topics.LOADPOINT.names("loadpoint/12") == {"id": "12"}


@pytest.mark.parametrize("topic", COMMANDS, ids=lambda t: t.pattern)
def test_every_command_ends_in_set_or_get_and_has_a_result(topic: Topic[Any]) -> None:
    assert topic.pattern.endswith(("/set", "/get"))
    assert topic.result.endswith("/result")
    assert isinstance(topic.codec, Json)
    assert topic.codec.model.model_config["extra"] == "forbid"


def test_every_fact_and_event_has_exactly_one_publisher_for_each_path() -> None:
    for topic in topics.TOPICS:
        if topic.kind in {Kind.FACT, Kind.EVENT}:
            filters = [f for fs in publishers(topic).values() for f in fs]
            assert filters
            assert len(filters) == len(set(filters))


def test_a_service_may_send_only_its_own() -> None:
    poller, planner, users = (access(s) for s in (Service.EVCC_POLLER, Service.TARIFF_PLANNER, Service.USERS))
    assert "site" in poller.send
    assert "site" not in planner.send | users.send
    assert "proposal/lp/+" in planner.send
    assert "proposal/rl/+" not in planner.send
    assert "loadpoint/+/mode/set" in users.send
    assert "loadpoint/+/mode/set" not in planner.send
    for service in SERVICES:
        assert f"{service}/status" in access(service).send


def test_docs_are_as_the_registry_says() -> None:
    stale = {n for n, t in pages().items() if not (DOCS / n).exists() or (DOCS / n).read_text(encoding="utf-8") != t}
    assert not stale, "run make docs"


def test_every_number_has_a_unit_in_its_schema_or_none_by_nature() -> None:
    bare = {"value", "nmae", "smart_cost_limit"}
    found: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, spec in node.get("properties", {}).items():
                choices = [spec, *spec.get("anyOf", [])]
                if any(c.get("type") == "number" and "unit" not in c for c in choices):
                    found.add(name)
            for child in node.values():
                walk(child)

    for model in models():
        walk(model.model_json_schema())
    assert found == bare


class _Share(BaseModel):
    pct: Percent


@pytest.mark.parametrize("pct", [-0.1, 100.1])
def test_a_percentage_lies_between_0_and_100(pct: float) -> None:
    with pytest.raises(ValueError, match="pct"):
        _Share(pct=pct)


def test_every_command_is_for_a_device_that_its_results_can_be_told_for() -> None:
    names = {"id": "1", "device": "battery", "vehicle": "limo", "driver": "anna"}
    for topic in TOPICS:
        if topic.kind is Kind.COMMAND:
            path = topic.pattern.format(**names)
            device = commanded_device(path)
            assert device is not None, path
            assert DEVICE_RESULT.path(service="notifier", device=device)


@pytest.mark.parametrize(
    "path", ["loadpoint/0/mode/set", "vehicle/LIMO/soc/set", "history/get", "site", "nonsense/set"]
)
def test_what_is_no_command_is_for_no_device(path: str) -> None:
    assert commanded_device(path) is None
