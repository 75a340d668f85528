"""What the planner says on the bus after a decision."""

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from ems.bus.api import Bus
from ems.contract.control import Proposal
from ems.contract.people import Event, EventKind
from ems.contract.plan import Plan
from ems.contract.topics import CHART, EVENT, FORECAST, PLAN, PROPOSAL
from tariff_planner.domain.chart.plan_chart import chart
from tariff_planner.domain.decision.decide import Decision, kinds
from tariff_planner.domain.problem.solution import Requirement

_CONTROLLER = "lp"


class Publisher:
    """Remembers what it said, to take back what holds no more and to warn once."""

    def __init__(self, bus: Bus, zone: ZoneInfo, language: Literal["en", "de"]) -> None:
        self._bus, self._zone, self._language = bus, zone, language
        self._proposed: set[str] = set()
        self._at_risk: frozenset[str] = frozenset()

    def decision(self, made: Decision) -> None:
        """The plan, its forecasts and picture, what each device should do now, and who may be late."""
        self._bus.publish(PLAN, made.plan)
        for kind, forecast in kinds(made).items():
            self._bus.publish(FORECAST, forecast, forecast=kind)
        self._bus.publish(CHART, chart(made.plan, (made.load, made.pv), self._zone, self._language))
        self._propose(made.proposals)
        self._warn(made.plan)

    def without_picture(self, plan: Plan, proposals: Mapping[str, Proposal]) -> None:
        """A plan by rules, or none: the last picture would show what holds no more."""
        self._bus.publish(PLAN, plan)
        self._bus.clear(CHART)
        self._propose(proposals)

    def _propose(self, wanted: Mapping[str, Proposal]) -> None:
        """These and no others: what is not proposed any more is left to evcc at once."""
        for device in self._proposed - set(wanted):
            self._bus.clear(PROPOSAL, controller=_CONTROLLER, device=device)
        for device, proposal in wanted.items():
            self._bus.publish(PROPOSAL, proposal, controller=_CONTROLLER, device=device)
        self._proposed = set(wanted)

    def _warn(self, plan: Plan) -> None:
        """Says once that a departure is at risk, and again only after it was not."""
        short = {s.vehicle: s for s in plan.shortfalls if s.what == Requirement.GOAL and s.vehicle}
        for vehicle, shortfall in short.items():
            if vehicle not in self._at_risk:
                event = Event(
                    event_type=EventKind.DEADLINE_AT_RISK,
                    at=plan.at,
                    device=shortfall.device,
                    vehicle=vehicle,
                    text=shortfall.text,
                    details={"missing_kwh": shortfall.missing_kwh, "reaches_soc_pct": shortfall.reaches_soc_pct},
                )
                self._bus.publish(EVENT, event, event=EventKind.DEADLINE_AT_RISK)
        self._at_risk = frozenset(short)
