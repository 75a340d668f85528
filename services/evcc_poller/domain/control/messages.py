"""From what the machines say to messages of the bus, in words and as data."""

from datetime import datetime, timedelta

from ems.contract.control import Decision
from ems.contract.message import Reason, Text
from ems.contract.people import Event
from ems.i18n.records import reason as as_data
from evcc_poller.domain.control.effects import PublishEvent, RecordDecision
from evcc_poller.domain.control.timing import shifted
from evcc_poller.domain.wording.control import ControlReason
from evcc_poller.domain.wording.renderer import GatewayWording


class MessageMaker:
    """Says what the machines say ``now`` by the wall clock, which has been set ``ahead`` of their time."""

    def __init__(self, wording: GatewayWording, now: datetime, ahead: timedelta = timedelta()) -> None:
        self._wording, self._now, self._ahead = wording.control, now, ahead

    def text(self, reason: ControlReason) -> Text:
        """``reason`` in every language."""
        return self._wording.text(shifted(reason, self._ahead), self._now)

    def data(self, reason: ControlReason) -> Reason:
        """``reason`` for automations."""
        return as_data(shifted(reason, self._ahead))

    def decision(self, told: RecordDecision) -> Decision:
        """An entry of the audit."""
        return Decision(
            at=told.at + self._ahead,
            device=told.device,
            owner=told.owner,
            controller=told.controller,
            action=told.action,
            before=told.before,
            import_eur_per_kwh=told.import_eur_per_kwh,
            export_eur_per_kwh=told.export_eur_per_kwh,
            outcome=told.outcome,
            reason=self.text(told.reason),
            cause=self.data(told.reason),
        )

    def event(self, told: PublishEvent) -> Event:
        """An event for people."""
        return Event(
            event_type=told.event_type,
            at=told.at + self._ahead,
            device=told.device,
            text=self.text(told.reason),
            details=dict(told.details),
            cause=self.data(told.reason),
        )
