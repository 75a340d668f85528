"""``/api/history/energy`` of the simulated evcc: whole finished slots only."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from ems.house.slots import floor_to
from ems.simulator.evcc_core import EvccCore, title
from ems.simulator.meter import SLOT, Counted
from ems.simulator.rest.state_json import stamp

AGGREGATES = ("15m", "hour", "day", "month")


def energy(
    evcc: EvccCore, start: datetime | None, end: datetime | None, aggregate: str, group: str, *, grouped: bool
) -> list[dict[str, Any]] | None:
    """What evcc would answer; None ("null") when there is nothing.

    Raises:
        ValueError: the aggregate is none of evcc's.
    """
    if aggregate not in AGGREGATES:
        raise ValueError("invalid aggregate value")
    series: dict[tuple[str, str], dict[datetime, list[tuple[datetime, Counted]]]] = defaultdict(dict)
    for slot, things in sorted(evcc.home.meter.slots.items()):
        finished = slot + SLOT <= evcc.home.now
        if not finished or (start and slot < start) or (end and slot >= end):
            continue
        for (kind, name), counted in things.items():
            if group in ("", kind):
                named = "" if grouped else (title(name) if name.isdigit() else name)
                series[kind, named].setdefault(_bucket(evcc, slot, aggregate), []).append((slot, counted))
    answer: list[dict[str, Any]] = []
    for (kind, named), buckets in sorted(series.items()):
        data = [_entry(slots, grouped) for slots in buckets.values()]
        answer.append({**({} if grouped else {"title": named}), "group": kind, "data": data})
    return answer or None


def _entry(slots: list[tuple[datetime, Counted]], grouped: bool) -> dict[str, Any]:
    first = slots[0][1]
    soc = {} if grouped or first.soc_pct is None else {"socTemp": first.soc_pct}
    return {
        "start": stamp(slots[0][0]),
        "end": stamp(slots[-1][0] + SLOT),
        "energy": round(sum(c.energy for _, c in slots), 3),
        "returnEnergy": round(sum(c.returned for _, c in slots), 3),
        **soc,
    }


def _bucket(evcc: EvccCore, slot: datetime, aggregate: str) -> datetime:
    if aggregate == "15m":
        return slot
    if aggregate == "hour":
        return floor_to(slot, 60)
    local = slot.astimezone(evcc.zone).replace(hour=0, minute=0)
    return local if aggregate == "day" else local - timedelta(days=local.day - 1)
