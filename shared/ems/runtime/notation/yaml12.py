"""YAML by the rules of YAML 1.2's core schema, where ``off`` is a word and ``22:00`` is no number."""

import math
import re
from typing import Any, Self, override

import yaml


class WrittenInt(int):
    """A whole number that knows how it was written: a PIN keeps its leading zeros."""

    text: str

    def __new__(cls, value: int, text: str) -> Self:
        """``value``, which stands as ``text`` in the file."""
        made = super().__new__(cls, value)
        made.text = text
        return made


class WrittenFloat(float):
    """A number that knows how it was written: 12345E6 may be the end of a VIN."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        """``value``, which stands as ``text`` in the file."""
        made = super().__new__(cls, value)
        made.text = text
        return made


class Loader(yaml.SafeLoader):
    """PyYAML knows YAML 1.1 only; this loader unlearns its traps and refuses a key that is there twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  as in the base class

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem=f"the key {key.value} is there twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _bool(_: Loader, node: yaml.ScalarNode) -> bool:
    return str(node.value).lower() == "true"


def _int(_: Loader, node: yaml.ScalarNode) -> WrittenInt:
    # int(x, 0) refuses 007, which is seven in YAML 1.2.
    text = str(node.value)
    return WrittenInt(int(text, 0) if text[:2] in {"0x", "0o"} else int(text), text)


def _float(_: Loader, node: yaml.ScalarNode) -> WrittenFloat:
    text = str(node.value)
    plain = text.lower().replace(".inf", "inf")
    return WrittenFloat(math.nan if plain.endswith(".nan") else float(plain), text)


_RESOLVERS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""], None),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF"), _bool),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789"), _int),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
        _float,
    ),
    ("merge", r"<<", ["<"], None),
)
for _name, _pattern, _first, _constructor in _RESOLVERS:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), _first)
    if _constructor:
        Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _constructor)


def load(text: str) -> object:
    """The document in ``text``.

    Raises:
        yaml.YAMLError: it is not YAML, or has a key twice.
    """
    return yaml.load(text, Loader)  # noqa: S506  a SafeLoader
