"""One step of a state machine: the state as it changes, and the effects in order."""

from collections.abc import Mapping
from datetime import datetime

from ems.contract.control import Action, ControllerName, Owner
from ems.contract.people import EventKind
from ems.contract.site import Site
from evcc_poller.domain.control.effects import Effect, PublishEvent, RecordDecision
from evcc_poller.domain.wording.control import ControlReason

type StepResult[S] = tuple[S, tuple[Effect, ...]]
"""A machine's new state and what is to be done, in this order."""


class Transition[S]:
    """Collects what one step does. Made at its start and read at its end; it never outlives the step."""

    def __init__(self, state: S, device: str, now: datetime, site: Site | None = None) -> None:
        self.state, self.device, self.now, self.site = state, device, now, site
        self.effects: list[Effect] = []

    def do(self, effect: Effect) -> None:
        """Adds an effect."""
        self.effects.append(effect)

    def record(
        self,
        outcome: str,
        reason: ControlReason,
        owner: Owner,
        action: Action | None = None,
        before: Action | None = None,
        controller: ControllerName | None = None,
    ) -> None:
        """Adds an entry to the audit, with the prices of the moment."""
        self.do(
            RecordDecision(
                self.now,
                self.device,
                outcome,
                reason,
                owner,
                action,
                before,
                controller,
                import_eur_per_kwh=self.site.import_eur_per_kwh if self.site else None,
                export_eur_per_kwh=self.site.export_eur_per_kwh if self.site else None,
            )
        )

    def emit(self, kind: EventKind, reason: ControlReason, details: Mapping[str, str | float] | None = None) -> None:
        """Adds an event for people."""
        self.do(PublishEvent(self.now, self.device, kind, reason, tuple((details or {}).items())))

    def end(self) -> StepResult[S]:
        """The new state and what is to be done, in this order."""
        return self.state, tuple(self.effects)
