"""Decides when a fact is published again: when it changed, and now and then so that its age means something."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ems.contract.message import Message
from ems.contract.site import Loadpoint, Site

REPUBLISH_AFTER = timedelta(seconds=60)
"""Longest time between two publications of a fact."""


def due(last: Message | None, last_at: datetime | None, new: Message, now: datetime) -> bool:
    """Whether ``new`` should be published at ``now``, when ``last`` was published at ``last_at``."""
    return last is None or last_at is None or now - last_at >= REPUBLISH_AFTER or _essence(last) != _essence(new)


def _essence(message: Message) -> Mapping[str, Any]:
    """The message without what changes by time alone."""
    fields: dict[str, Any] = message.model_dump()
    if isinstance(message, Loadpoint):
        fields["connected_s"] = None
    if isinstance(message, Site):
        fields["evcc"]["last_contact"] = None
    return fields | {"at": None}
