"""Records survive being written and read again."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar

import pytest
from pydantic import TypeAdapter, ValidationError

from ems.i18n.kept import by_kind

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gone:
    kind: ClassVar = "gone"
    who: str


@dataclass(frozen=True, slots=True)
class Back:
    kind: ClassVar = "back"
    who: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    said: Annotated[Gone | Back | None, *by_kind(Gone, Back, optional=True)] = None


DIARY = TypeAdapter(Diary)


@pytest.mark.parametrize("said", [None, Gone("anna"), Back("anna"), Back("ben", NOON)])
def test_a_record_is_the_same_when_it_is_read_again(said: Gone | Back | None) -> None:
    written = DIARY.dump_json(Diary(said))
    assert DIARY.validate_json(written, strict=False) == Diary(said)
    assert DIARY.validate_python(DIARY.dump_python(Diary(said), mode="json")) == Diary(said)


@pytest.mark.parametrize("said", [5, {"who": "anna"}, {"kind": "lost", "who": "anna"}, {"kind": "gone"}])
def test_what_is_no_record_is_refused(said: object) -> None:
    with pytest.raises(ValidationError):
        DIARY.validate_python({"said": said})
