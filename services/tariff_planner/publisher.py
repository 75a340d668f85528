"""Publishes plan, forecasts, chart, proposals and events on the bus."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ems.bus.api import Bus
from ems.contract.control import Proposal
from ems.contract.message import Language
from ems.contract.people import Event, EventKind
from ems.contract.plan import Plan
from ems.contract.topics import CHART, CHART_WIDE, EVENT, FORECAST, PLAN, PROPOSAL
from tariff_planner.domain.actions.large_plans import without_rests
from tariff_planner.domain.chart.plan_chart import Shape, chart
from tariff_planner.domain.decision.decide import Decision, forecasts_by_kind
from tariff_planner.domain.problem.solution import Requirement

_CONTROLLER = "lp"


class Publisher:
    """Remembers what it published: withdraws proposals that no longer hold, and warns once."""

    def __init__(self, bus: Bus, zone: ZoneInfo, language: Language) -> None:
        self._bus, self._zone, self._language = bus, zone, language
        self._proposed: set[str] = set()
        self._at_risk: frozenset[str] = frozenset()

    def publish_result(self, plan: Plan, result: Decision) -> None:
        """The plan (``result``'s, with people's wishes), its forecasts and picture, what to do now, who may be late."""
        self._bus.publish(PLAN, without_rests(plan))
        for kind, forecast in forecasts_by_kind(result).items():
            self._bus.publish(FORECAST, forecast, forecast=kind)
        for topic, shape in ((CHART, Shape.TALL), (CHART_WIDE, Shape.WIDE)):
            drawn = chart(plan, (result.load, result.pv), self._zone, self._language, shape)
            self._bus.publish(topic, drawn)
        self._publish_proposals(result.proposals)
        self._publish_warnings(plan)

    def publish_again(self, plan: Plan) -> None:
        """The same plan, of which more is known now."""
        self._bus.publish(PLAN, without_rests(plan))

    def publish_without_chart(self, plan: Plan, proposals: Mapping[str, Proposal]) -> None:
        """A plan by rules, or none; clears the chart, which would show what no longer holds."""
        self._bus.publish(PLAN, plan)
        self._bus.clear(CHART)
        self._bus.clear(CHART_WIDE)
        self._publish_proposals(proposals)

    def _publish_proposals(self, wanted: Mapping[str, Proposal]) -> None:
        """Publishes these proposals and clears all earlier ones, so that those devices are left to evcc at once."""
        for device in self._proposed - set(wanted):
            self._bus.clear(PROPOSAL, controller=_CONTROLLER, device=device)
        for device, proposal in wanted.items():
            self._bus.publish(PROPOSAL, proposal, controller=_CONTROLLER, device=device)
        self._proposed = set(wanted)

    def _publish_warnings(self, plan: Plan) -> None:
        """Publishes once that a departure is at risk, and again only after it was not."""
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
