"""Words for what is wrong: no expression and no class of Python's is ever shown to people."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from ems.contract.service import SERVICES
from ems.contract.topic import Json
from ems.contract.topics import TOPICS
from ems.contract.validation import PATTERNS
from ems.demo.settings import DemoSettings
from vehicle_soc.adapters.provider import provider_kind, provider_names


def models() -> Iterator[type[BaseModel]]:
    for topic in TOPICS:
        if isinstance(topic.codec, Json):
            yield topic.codec.model
    for service in SERVICES:
        yield import_module(f"{service.replace('-', '_')}.settings").Settings
    for name in provider_names():
        yield provider_kind(name).options
    yield DemoSettings


def patterns(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from patterns(each)
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        if isinstance(node.get("patternProperties"), dict):
            yield from node["patternProperties"]
        for each in node.values():
            yield from patterns(each)


def test_every_form_that_is_asked_for_has_words() -> None:
    asked = {pattern for model in models() for pattern in patterns(model.model_json_schema())}
    assert asked - set(PATTERNS) == set()
