"""What the connection may take and give, by slot: always, for some hours of the week, and now by the grid operator."""

from datetime import datetime, timedelta

from ems.house.slots import Slot
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.inputs.weekly import spans

DIMMED_FOR = timedelta(hours=1)
"""How long a limit that evcc reports now is taken to last: its end is not known, and the next plan reads it anew."""


class GridLimits:
    """All limits that hold between two moments, in kW."""

    def __init__(self, home: HomeRules, facts: Facts, since: datetime, until: datetime) -> None:
        grid, site = home.grid, facts.site
        self._all = [(since, until, grid.import_limit_kw, grid.export_limit_kw)]
        self._all += [
            (start, end, rule.import_limit_kw, rule.export_limit_kw)
            for rule in grid.limits
            for start, end in spans(rule.days, rule.start, rule.end, home.zone, since, until)
        ]
        self._all.append((since, since + DIMMED_FOR, _kw(site.import_limit_w), _kw(site.export_limit_w)))

    def at(self, slot: Slot) -> tuple[float | None, float | None]:
        """The tightest (import, export) limit of any moment of ``slot``; None where there is none."""
        holding = [limit for limit in self._all if slot.overlap_hours(limit[0], limit[1]) > 0]
        imports = [limit[2] for limit in holding if limit[2] is not None]
        exports = [limit[3] for limit in holding if limit[3] is not None]
        return min(imports, default=None), min(exports, default=None)


def _kw(watts: float | None) -> float | None:
    return None if watts is None else watts / 1000
