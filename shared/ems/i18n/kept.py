"""Records of what was said, kept on disk: each with its kind, so that it is the same record when it is read again."""

from typing import Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

KIND = "kind"
"""The key of a record's kind among its fields."""


def by_kind(*classes: type[Any], optional: bool = False) -> tuple[PlainValidator, PlainSerializer]:
    """How pydantic reads and writes a field that holds a record of one of ``classes``, in an ``Annotated``.

    A class has a stable ``kind``; with ``optional`` the field may be None. Reading anything else raises ValueError.
    """
    adapters: dict[str, TypeAdapter[Any]] = {}

    def adapter(kind: str) -> TypeAdapter[Any]:
        # Made when they are needed: a record may hold another one.
        if kind not in adapters:
            adapters[kind] = TypeAdapter(known[kind])
        return adapters[kind]

    def read(value: Any) -> Any:
        if isinstance(value, classes) or (optional and value is None):
            return value
        if not isinstance(value, dict) or value.get(KIND) not in known:
            raise ValueError("not a record of a known kind")
        return adapter(value[KIND]).validate_python({name: of for name, of in value.items() if name != KIND})

    def write(value: Any) -> Any:
        return None if value is None else {KIND: value.kind, **adapter(value.kind).dump_python(value, mode="json")}

    known: dict[str, type[Any]] = {cls.kind: cls for cls in classes}
    return PlainValidator(read), PlainSerializer(write)
