"""Reads evcc's own energy history (in kWh) as history rows, for the time before this service ran."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ems.contract.requests import HistoryRow, LoadpointMean
from evcc_poller.domain.parsing.json_object import JsonObject, as_moment
from evcc_poller.domain.recording.history import SLOT

HOURS = SLOT.total_seconds() / 3600
"""Length of a slot in hours."""
SITE = {"grid": "grid_w", "pv": "pv_w", "home": "home_w", "battery": "battery_w", "forecast": "pv_forecast_w"}
"""Our field for each of evcc's groups."""
OUTGOING = {"battery"}
"""Groups where evcc counts charging as ``energy`` and discharging, positive here, as ``returnEnergy``."""


def rows(body: Any, loadpoints: Mapping[str, int]) -> tuple[HistoryRow, ...]:
    """The whole quarter hours in a reply of ``/api/history/energy``.

    Args:
        body: the reply; None when evcc has nothing.
        loadpoints: their ids by title, since evcc knows them by title there. Others are left out.
    """
    powers: dict[datetime, dict[str, float]] = defaultdict(dict)
    socs: dict[datetime, list[float]] = defaultdict(list)
    at_loadpoints: dict[datetime, dict[str, LoadpointMean]] = defaultdict(dict)
    for series in JsonObject({"series": body}).children("series"):
        group, title = series.text("group"), series.text("title")
        for entry in series.children("data"):
            start, power_w = _entry(entry)
            if start is None or power_w is None:
                continue
            soc = entry.percent("socTemp") if group in ("battery", "loadpoint") else None
            if group == "loadpoint" and title is not None and title in loadpoints:
                at_loadpoints[start][str(loadpoints[title])] = LoadpointMean(power_w=power_w, soc_pct=soc or None)
            elif group in SITE:
                signed = -power_w if group in OUTGOING else power_w
                field = SITE[group]
                powers[start][field] = round(powers[start].get(field, 0.0) + signed, 3)
                if group == "battery" and soc is not None:
                    socs[start].append(soc)
    return tuple(
        HistoryRow(
            start=start,
            seconds=SLOT.total_seconds(),
            coverage_s=SLOT.total_seconds(),
            # Several batteries have one SoC each, and none is that of all.
            battery_soc_pct=socs[start][0] if len(socs[start]) == 1 else None,
            loadpoints=at_loadpoints.get(start, {}),
            **powers.get(start, {}),
        )
        for start in sorted(powers.keys() | at_loadpoints.keys())
    )


def _entry(entry: JsonObject) -> tuple[datetime | None, float | None]:
    """The start of a whole quarter hour, and the mean power over it in W (towards the thing positive)."""
    start, end = as_moment(entry.data.get("start")), as_moment(entry.data.get("end"))
    energy, returned = entry.number("energy"), entry.number("returnEnergy")
    if start is None or end is None or energy is None or end - start != SLOT or start.minute % 15 or start.second:
        return None, None
    return start, round((energy - (returned or 0.0)) / HOURS * 1000, 3)
