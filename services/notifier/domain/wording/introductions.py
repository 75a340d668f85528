"""What somebody is told who meets the bot: its welcome and help, and the numbers that admit strangers."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Welcome:
    """After /start."""

    kind: ClassVar[str] = "welcome"
    name: str


@dataclass(frozen=True, slots=True)
class Help:
    """What the bot understands."""

    kind: ClassVar[str] = "help"


@dataclass(frozen=True, slots=True)
class StrangerId:
    """The number with which a stranger's chat can be admitted."""

    kind: ClassVar[str] = "stranger_id"
    chat_id: int


@dataclass(frozen=True, slots=True)
class GroupId:
    """The number with which a group can be admitted."""

    kind: ClassVar[str] = "group_id"
    chat_id: int


@dataclass(frozen=True, slots=True)
class NotADriver:
    """The number with which somebody in an admitted group can be."""

    kind: ClassVar[str] = "not_a_driver"
    user_id: int


type ForStrangers = StrangerId | GroupId | NotADriver
"""What is said to people of whom nobody knows the language."""
