"""What the connection may take and give, by slot: always, for some hours of the week, and now by the grid operator."""

from datetime import datetime, timedelta

from ems.house.slots import Slot
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.weekly import spans
from tariff_planner.domain.wording.problems import DevicesDimmed

type LimitsKw = tuple[float | None, float | None, float | None]
"""Of import, of export, and of each controllable device; None where there is none."""
DIMMED_FOR = timedelta(hours=1)
"""How long a limit that evcc reports now is taken to last: its end is not known, and the next plan reads it anew."""


class GridLimits:
    """All limits that hold between two moments, in kW."""

    def __init__(self, home: HomeRules, facts: Facts, since: datetime, until: datetime) -> None:
        grid, site = home.grid, facts.site
        self._all: list[tuple[datetime, datetime, LimitsKw]]
        self._all = [(since, until, (grid.import_limit_kw, grid.export_limit_kw, None))]
        self._all += [
            (start, end, (rule.import_limit_kw, rule.export_limit_kw, rule.devices_limit_kw))
            for rule in grid.limits
            for start, end in spans(rule.days, rule.start, rule.end, home.zone, since, until)
        ]
        dimmed, curtailed = _kw(site.import_limit_w), _kw(site.export_limit_w)
        of_devices = grid.dimming == "devices"
        now = (None if of_devices else dimmed, curtailed, dimmed if of_devices else None)
        self._all.append((since, since + DIMMED_FOR, now))

    def at(self, slot: Slot) -> LimitsKw:
        """The tightest limits of any moment of ``slot``."""
        holding = [limits for start, end, limits in self._all if slot.overlap_hours(start, end) > 0]
        imports, exports, devices = ([kw for limits in holding if (kw := limits[i]) is not None] for i in range(3))
        return min(imports, default=None), min(exports, default=None), min(devices, default=None)


def devices_dimmed(home: HomeRules, facts: Facts) -> tuple[DevicesDimmed, ...]:
    """That the grid operator limits the controllable devices now; nothing while it does not."""
    kw = _kw(facts.site.import_limit_w)
    return () if kw is None or home.grid.dimming != "devices" else (DevicesDimmed(kw),)


def _kw(watts: float | None) -> float | None:
    return None if watts is None else watts / 1000
