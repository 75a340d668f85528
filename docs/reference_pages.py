"""The registry and the settings as pages: docs/topics.md, a JSON Schema a message, rows of docs/settings.md. Pure."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ems.contract.message import Language, schema_text
from ems.contract.topic import Json, Kind, Topic
from ems.contract.topics import PREFIX, TOPICS, answer_model
from ems.contract.validation import named

_TEXT = "text in " + ", ".join(f"`{language}`" for language in Language)

_INTRO = f"""# Topics

Everything below `{PREFIX}/` (the prefix is a setting). Generated from `ems.contract`; `make docs` writes it anew.

Payloads are UTF-8 JSON; a field that is absent is not known. Times are ISO 8601 with an offset. Units stand in the
names. Grid import is positive; battery power is positive when the battery discharges. A field that you do not know may
come at any time: pass it over. Facts are retained, QoS 1.

A command is answered at its topic with `result` in place of `set` (or `get`), and at the MQTT 5 response topic when one
below `{PREFIX}/reply/` (a person's: `{PREFIX}/reply/users/...`) is given. Retained commands are refused; an unknown
field in a command is refused by name.
"""


def pages() -> dict[str, str]:
    """Relative path below ``docs/`` to the text of each generated page."""
    out = {"topics.md": topics_page()}
    out.update({f"schemas/{model.__name__}.json": schema_text(model) for model in models()})
    return out


def models() -> list[type[BaseModel]]:
    """Every message class of the registry and of its answers, once, by name."""
    found: dict[str, type[BaseModel]] = {}
    for topic in TOPICS:
        if isinstance(topic.codec, Json):
            found[topic.codec.model.__name__] = topic.codec.model
        if topic.kind in {Kind.COMMAND, Kind.REQUEST}:
            answer = answer_model(topic)
            found[answer.__name__] = answer
    return [found[name] for name in sorted(found)]


def topics_page() -> str:
    """docs/topics.md."""
    lines = [_INTRO]
    for title, kinds in (
        ("Facts", [Kind.FACT]),
        ("Events", [Kind.EVENT]),
        ("Commands and requests", [Kind.COMMAND, Kind.REQUEST]),
    ):
        by, others = ("answered by", "sent by") if Kind.COMMAND in kinds else ("published by", "read by")
        lines += [f"## {title}", "", f"| topic | message | {by} | {others} | what |", "|---|---|---|---|---|"]
        lines += [_row(topic) for topic in TOPICS if topic.kind in kinds] + [""]
    lines += ["## Messages", ""]
    for model in models():
        lines += _message(model)
    return "\n".join(lines)


def setting_rows(schema: dict[str, Any]) -> Iterator[str]:
    """A settings model's fields as rows of a table, parts of parts by dotted names."""
    yield from _settings(schema, schema.get("$defs", {}), "", ())


def _settings(node: dict[str, Any], defs: dict[str, Any], prefix: str, above: tuple[str, ...]) -> Iterator[str]:
    required = set(node.get("required", []))
    for name, spec in node.get("properties", {}).items():
        text, unit, inner = _type(spec, defs)
        for title, _ in inner:
            text = text.replace(title, "group")
        default = "**needed**" if name in required else _default(spec, inner)
        what = " ".join(str(spec.get("description", "")).split())
        yield f"| `{prefix}{name}` | {text} | {unit} | {default} | {what} |"
        many = ".NAME" if named(spec) is not None else "[]" if spec.get("type") == "array" else ""
        for title, part in inner:
            if title not in above:
                yield from _settings(part, defs, f"{prefix}{name}{many}.", (*above, title))


def _default(spec: dict[str, Any], inner: list[tuple[str, dict[str, Any]]]) -> str:
    if "default" not in spec or spec["default"] is None or inner:
        return ""
    return f"`{json.dumps(spec['default'], ensure_ascii=False)}`"


def _row(topic: Topic[Any]) -> str:
    owners = "each service" if topic.owner is None else topic.owner
    peers = ", ".join(sorted(topic.peers))
    carries = "text" if not isinstance(topic.codec, Json) else f"[{_link(topic.codec.model)}"
    if topic.kind is Kind.REQUEST:
        carries += f" → [{_link(answer_model(topic))}"
    return f"| `{topic.pattern}` | {carries} | {owners} | {peers} | {topic.what} |"


def _link(model: type[BaseModel]) -> str:
    return f"{model.__name__}](#{model.__name__.lower()})"


def _message(model: type[BaseModel]) -> list[str]:
    schema = model.model_json_schema()
    what = (model.__doc__ or "").strip().splitlines()[0]
    lines = [f"### {model.__name__}", "", f"{what} [Schema](schemas/{model.__name__}.json)", ""]
    lines += ["| field | type | unit | what |", "|---|---|---|---|"]
    lines += list(_fields(schema, schema.get("$defs", {}), "", ()))
    return [*lines, ""]


def _fields(node: dict[str, Any], defs: dict[str, Any], prefix: str, above: tuple[str, ...]) -> Iterator[str]:
    required = set(node.get("required", []))
    for name, spec in node.get("properties", {}).items():
        if name in {"v", "kind"} and "const" in spec:
            continue
        text, unit, inner = _type(spec, defs)
        optional = "" if name in required else ", optional"
        yield f"| `{prefix}{name}` | {text}{optional} | {unit} | {spec.get('description', '')} |"
        for title, part in inner:
            if title not in above and title != "Text":
                yield from _fields(part, defs, f"{prefix}{name}.", (*above, title))


def _type(spec: dict[str, Any], defs: dict[str, Any]) -> tuple[str, str, list[tuple[str, dict[str, Any]]]]:
    """A field's type in words, its unit, and the parts that it is made of."""
    text, unit, parts = str(spec.get("type", "any")), spec.get("unit", ""), []
    union = spec.get("anyOf") or spec.get("oneOf")
    if "$ref" in spec:
        name = spec["$ref"].rsplit("/", 1)[-1]
        if "enum" in defs[name]:
            return _type(defs[name], defs)
        text, parts = (_TEXT if name == "Text" else name), [(name, defs[name])]
    elif union:
        found = [_type(choice, defs) for choice in union if choice.get("type") != "null"]
        text = " or ".join(dict.fromkeys(t for t, _, _ in found))
        unit = " ".join(sorted({u for _, u, _ in found if u}))
        parts = [part for _, _, inner in found for part in inner]
    elif text == "array":
        text, unit, parts = _type(spec.get("items", {}), defs)
        text = f"list of {text}"
    elif (each := named(spec)) is not None:
        text, unit, parts = _type(each, defs)
        text = f"{text} by name"
    elif "enum" in spec:
        text = " \\| ".join(f"`{v}`" for v in spec["enum"])
    elif spec.get("format") == "date-time":
        text = "time"
    return text, unit, parts
