"""In how many steps of a stretch a device is on: what branch and bound decides before it asks in which of them.

With equal prices, or sun that lasts for hours, to be on in one step more or less costs something; in which one hardly
matters.
"""

from collections.abc import Iterator, Sequence

from tariff_planner.domain.milp.cuts import Charging
from tariff_planner.domain.milp.grid import Build
from tariff_planner.domain.milp.solver.linear_program import is_binary

_SHORT = 4
"""A stretch of fewer steps belongs to the next one."""
_FEW = 3
"""Fewer binaries are as quickly decided one by one."""


def add_totals(b: Build, devices: Sequence[Charging]) -> None:
    """(30) of each device: each stretch of sun or none, and all until its end."""
    spans = {span for first, end in _stretches(b.surplus_kwh) for span in ((first, end), (0, end))}
    for device in devices:
        for first, end in sorted(spans):
            on = [*dict.fromkeys(switch for switch in device.on[first:end] if switch is not None and is_binary(switch))]
            if len(on) >= _FEW:
                b.lp.total(on)


def _stretches(surplus_kwh: Sequence[float]) -> Iterator[tuple[int, int]]:
    """From which step to before which one there is sun to spare, or none."""
    first = 0
    count = len(surplus_kwh)
    for t in range(1, count + 1):
        ends = t == count or (surplus_kwh[t] > 0) != (surplus_kwh[t - 1] > 0)
        if ends and (t - first >= _SHORT or t == count):
            yield first, t
            first = t
