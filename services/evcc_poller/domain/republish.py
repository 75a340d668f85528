"""When a fact is worth saying again: when it changed, and now and then so that its age means something."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ems.contract.message import Message
from ems.contract.site import Loadpoint, Site

AGAIN = timedelta(seconds=60)
"""At least so often."""


def due(said: Message | None, said_at: datetime | None, new: Message, now: datetime) -> bool:
    """Whether ``new`` should be published at ``now``, after ``said`` was at ``said_at``."""
    return said is None or said_at is None or now - said_at >= AGAIN or _essence(said) != _essence(new)


def _essence(message: Message) -> Mapping[str, Any]:
    """The message without what changes by time alone."""
    fields: dict[str, Any] = message.model_dump()
    if isinstance(message, Loadpoint):
        fields["connected_s"] = None
    if isinstance(message, Site):
        fields["evcc"]["last_contact"] = None
    return fields | {"at": None}
