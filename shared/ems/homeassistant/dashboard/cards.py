"""Home Assistant's cards as dictionaries, as far as the dashboard uses them (2025.4 and newer)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ems.homeassistant.discovery.wording.tables import labels

type Card = Mapping[str, Any]
type Condition = Mapping[str, Any]

WIDE: Card = {"grid_options": {"columns": "full"}}
"""As wide as its section."""
NOTHING = ("unavailable", "unknown")
REFUSAL_SHOWN_MIN = 10
"""How long a refusal stands on the dashboard, in minutes, unless something is set meanwhile."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a home has."""

    loadpoints: Mapping[str, str]
    """Titles by id; those at which cars charge."""
    cars: Mapping[str, str]
    """Titles by evcc's name."""
    clouds: frozenset[str] = frozenset()
    """Cars whose cloud is asked."""
    solar: bool = True
    battery: bool = True
    learner: Mapping[str, str] = field(default_factory=dict)
    """What the learner learns for, by name on the bus, with titles (none: the battery); empty: there is no learner."""
    language: str = "en"

    def say(self, en: str, de: str, nl: str) -> str:
        """In the home's language."""
        return {"de": de, "nl": nl}.get(self.language, en)

    @property
    def day_and_time(self) -> str:
        """How a moment is written, as Python's strftime takes it."""
        return self.say("%d %b %H:%M", "%d.%m. %H:%M", "%d-%m %H:%M")


def entity(device: str, key: str, platform: str = "sensor") -> str:
    """The id that discovery gives."""
    return f"{platform}.ems_{device}_{key}".replace("-", "_")


def headed(title: str, icon: str, *cards: Card) -> Sequence[Card]:
    """Cards below a heading."""
    return [{"type": "heading", "heading": title, "icon": icon}, *cards]


def column(*groups: Sequence[Card]) -> Card:
    """Groups below each other: a column on a desk, and a stretch of the phone's one column."""
    return {"type": "grid", "cards": [card for group in groups for card in group]}


def tile(shown: str, name: str, **more: Any) -> Card:
    """One entity, half as wide as its section."""
    return {"type": "tile", "entity": shown, "name": name, **more}


def slider(shown: str, name: str, **more: Any) -> Card:
    """A number to set."""
    return tile(shown, name, features=[{"type": "numeric-input", "style": "slider"}], **WIDE, **more)


def choice(shown: str, name: str, **more: Any) -> Card:
    """A choice to make."""
    return tile(shown, name, features=[{"type": "select-options"}], **WIDE, **more)


def push(button: str, name: str) -> Card:
    """A button; what it was pushed last for says nothing."""
    action = {"action": "perform-action", "perform_action": "button.press", "target": {"entity_id": button}}
    return tile(button, name, hide_state=True, tap_action=action, icon_tap_action=action)


def words(template: str, **more: Any) -> Card:
    """Text."""
    return {"type": "markdown", "content": template, **WIDE, **more}


def refusal(*answers: str) -> Card:
    """Why what was set last was not done, for a while; nothing while it was."""
    told = "".join(
        f"{{% set said = states['{answer}'] %}}{{% if said and state_attr('{answer}', 'value') == 'refused' "
        f"and now() - said.last_changed < timedelta(minutes={REFUSAL_SHOWN_MIN}) %}}"
        f"**{{{{ state_attr('{answer}', 'text') }}}}**\n\n{{% endif %}}"
        for answer in answers
    )
    return words(told, show_empty=False)


def history(title: str, hours: int, *shown: str | tuple[str, str]) -> Card:
    """Lines over the last hours; entities with or without a name."""
    rows = [{"entity": each} if isinstance(each, str) else {"entity": each[0], "name": each[1]} for each in shown]
    return {"type": "history-graph", "title": title, "hours_to_show": hours, "entities": rows, **WIDE}


def only_if(card: Card, *conditions: Condition) -> Card:
    """Shown only while all conditions hold."""
    return {**card, "visibility": list(conditions)}


def is_in(shown: str, *states: str) -> Condition:
    """The entity is in one of these states."""
    return {"condition": "state", "entity": shown, "state": list(states) if len(states) > 1 else states[0]}


def is_not_in(shown: str, *states: str) -> Condition:
    """The entity is there, and in none of these states."""
    return {"condition": "state", "entity": shown, "state_not": list(states) if len(states) > 1 else states[0]}


def called(*words: StrEnum) -> tuple[str, ...]:
    """What an entity shows for words of the bus, in every language: cards know a state only as it is read."""
    shown = (text for word in words for text in labels(type(word))[word].model_dump().values())
    return tuple(dict.fromkeys(shown))


def any_of(conditions: Sequence[Condition]) -> Condition:
    """At least one holds."""
    return {"condition": "or", "conditions": list(conditions)}


def attribute(shown: str, name: str) -> str:
    """A template for an entity's attribute; empty when there is none."""
    return f"{{{{ state_attr('{shown}', '{name}') or '' }}}}"
