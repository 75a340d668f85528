"""One script of calls that a real and the simulated evcc live through alike, and what of each moment is kept.

The house has one car charger (loadpoint 1, three phases, default mode ``pv``, limo its usual car), one switch socket
(loadpoint 2, no default mode), a battery, 1200 W of load, 300 W of sun and one price. See ``record_evcc`` for a real
evcc and ``evcc_over_time`` for the simulated one and the comparison.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

LOAD_W, PV_W = 1200.0, 300.0
IMPORT_EUR, EXPORT_EUR = 0.3, 0.08
CAPACITY_KWH = {"limo": 60.0, "mini": 28.0, "guest": 50.0}
SOC_PCT = {"limo": 42.0, "mini": 65.0, "guest": 50.0}
TITLES = {"limo": "Limo", "mini": "Mini", "guest": "Gast"}

type Verb = Literal["GET", "POST", "DELETE", "plug", "soc", "terminate", "kill", "start"]
"""The first three are calls of evcc's API; ``plug`` and ``soc`` happen in the house; the last ones befall evcc."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something is done, then ``wait_s`` seconds pass in which the state is read once a second."""

    verb: Verb
    what: str
    """A path below ``/api/``, where ``{+90m}`` is the time in 90 minutes; a car (empty: none); ``limo 79.95``."""
    wait_s: int = 0
    body: Any = None

    @property
    def name(self) -> str:
        """As it stands in a recording."""
        return f"{self.verb} {self.what}".strip()


def post(path: str, wait_s: int = 0, body: Any = None) -> Step:
    """A call that changes something."""
    return Step("POST", path, wait_s, body)


def delete(path: str, wait_s: int = 0) -> Step:
    """A call that takes something back."""
    return Step("DELETE", path, wait_s)


WEEKLY = {"weekdays": [1, 2, 3, 4, 5], "time": "07:00", "tz": "Europe/Berlin", "soc": 80, "active": True}

LONG_STAY = (
    Step("start", "30", 45),
    Step("plug", "limo", 75),
    post("loadpoints/1/mode/now", 95),
    post("loadpoints/1/limitsoc/80", 60),
    post("loadpoints/1/mode/pv", 65),
    post("loadpoints/1/mode/minpv", 70),
    post("loadpoints/1/mode/off", 65),
    post("vehicles/limo/plan/soc/90/{+600m}", 65),
    Step("GET", "loadpoints/1/plan"),
    delete("vehicles/limo/plan/soc", 65),
    post("batterymode/hold", 110),
    post("loadpoints/1/mode/now", 65),
    Step("soc", "limo 79.9", 125),
    Step("plug", "", 75),
)
"""The control cycle is evcc's own (30 s, for one loadpoint after the other): one stay of 14 minutes."""

SHORT_STEPS = (
    Step("terminate", "", 3),
    Step("start", "3", 15),
    # Another car, and which one it is has to be told.
    Step("plug", "mini", 8),
    post("loadpoints/1/vehicle/mini", 10),
    # What evcc refuses.
    post("loadpoints/1/mode/turbo"),
    post("loadpoints/9/mode/pv"),
    post("loadpoints/1/limitsoc/-1"),
    post("loadpoints/1/mincurrent/10"),
    post("loadpoints/1/maxcurrent/8"),
    post("loadpoints/1/mincurrent/6"),
    post("batterymode/discharge"),
    post("loadpoints/1/vehicle/nobody"),
    post("vehicles/limo/plan/soc/90/{-60m}", 4),
    # Killed while the battery is held: what is older than a minute has been kept, what is younger not.
    post("loadpoints/1/mode/now"),
    post("loadpoints/1/limitsoc/90"),
    post("loadpoints/1/priority/3"),
    post("batterymode/hold", 25),
    post("batterymode/hold", 25),
    post("batterymode/hold", 25),
    post("loadpoints/1/limitsoc/77"),
    post("loadpoints/1/mode/minpv", 3),
    Step("kill", "", 2),
    Step("start", "3", 15),
    delete("batterymode", 8),
    post("batterymode/normal", 8),
    delete("batterymode", 8),
    # An ordinary restart: the default mode comes back, limits stay.
    post("loadpoints/1/mode/now", 6),
    post("loadpoints/2/mode/now", 6),
    Step("terminate", ""),
    Step("start", "3", 12),
    # Battery modes: refreshed, released, lapsed, and one that old versions do not know.
    post("batterymode/charge", 25),
    post("batterymode/charge", 45),
    delete("batterymode", 8),
    post("batterymode/hold", 75),
    post("batterymode/holdcharge", 8),
    post("batterymode/normal", 8),
    delete("batterymode", 6),
    # evcc's own plans.
    post("vehicles/mini/plan/soc/100/{+20m}", 8),
    Step("GET", "loadpoints/1/plan"),
    delete("vehicles/mini/plan/soc", 8),
    post("loadpoints/1/plan/energy/5/{+180m}", 8),
    delete("loadpoints/1/plan/energy", 8),
    post("vehicles/mini/plan/repeating", 6, [WEEKLY]),
    post("vehicles/mini/plan/repeating", 6, {"plans": [WEEKLY]}),
    post("vehicles/mini/plan/repeating", 0, []),
    post("vehicles/mini/plan/repeating", 6, {"plans": []}),
    # Price limits.
    post("loadpoints/1/smartcostlimit/0.35", 8),
    delete("loadpoints/1/smartcostlimit", 8),
    post("loadpoints/1/smartfeedinprioritylimit/0.05", 8),
    delete("loadpoints/1/smartfeedinprioritylimit", 8),
    # The words of the smart dialect; older versions refuse them.
    post("loadpoints/1/mode/pv", 5),
    post("loadpoints/1/mode/smart", 5),
    post("loadpoints/1/alwayscharge/on", 5),
    post("loadpoints/1/mode/now", 5),
    post("loadpoints/1/mode/smart", 5),
    post("loadpoints/1/mode/pv", 5),
    post("loadpoints/1/mode/minpv", 5),
    post("loadpoints/1/alwayscharge/sometimes"),
    post("loadpoints/2/mode/pv", 4),
    post("loadpoints/2/alwayscharge/on"),
    post("loadpoints/2/mode/minpv", 5),
    Step("terminate", ""),
    Step("start", "3", 10),
    post("loadpoints/1/alwayscharge/once", 5),
    Step("terminate", ""),
    Step("start", "3", 10),
    post("loadpoints/1/alwayscharge/once", 5),
    Step("plug", "", 8),
    # minSoc charges a car in pv.
    Step("plug", "limo", 8),
    post("vehicles/limo/minsoc/95", 12),
    post("vehicles/limo/minsoc/0", 8),
    post("vehicles/limo/limitsoc/70", 6),
    post("vehicles/limo/limitsoc/0", 6),
    # A car whose SoC nobody can read, and none at all.
    post("loadpoints/1/vehicle/guest", 8),
    delete("loadpoints/1/vehicle", 8),
    post("loadpoints/1/vehicle/limo", 8),
    # Away and back between two control cycles.
    post("loadpoints/1/mode/now", 14),
    Step("plug", "", 1),
    Step("plug", "mini", 14),
    Step("plug", "", 8),
    Step("plug", "limo", 8),
    Step("GET", "tariff/grid"),
    Step("GET", "tariff/feedin"),
    Step("GET", "tariff/solar"),
    Step("GET", "tariff/planner"),
    Step("GET", "tariff/co2"),
    post("buffersoc/50"),
    post("bufferstartsoc/80"),
    post("prioritysoc/60"),
    post("prioritysoc/20"),
    post("residualpower/100"),
    post("batterydischargecontrol/true", 6),
    post("loadpoints/1/mode/now", 10),
    post("loadpoints/1/mode/off", 8),
    post("batterydischargecontrol/false", 4),
    post("batterygridchargelimit/0.35", 10),
    delete("batterygridchargelimit", 8),
    Step("plug", "", 8),
    Step("kill", "", 1),
    Step("start", "3", 12),
    Step("terminate", "", 2),
)
"""The control cycle is 3 s: everything else, in quick succession."""

SCRIPT = (*LONG_STAY, *SHORT_STEPS)

SITE_KEYS = (
    *("apiReady", "startup", "startupCompleted", "fatal", "version", "interval", "currency", "siteTitle"),
    *("grid", "gridPower", "pvPower", "homePower", "battery", "batteryPower", "batterySoc", "batteryCapacity"),
    *("batteryMode", "batteryModeExternal", "batteryGridChargeLimit", "batteryGridChargeActive"),
    *("batteryDischargeControl", "prioritySoc", "bufferSoc", "bufferStartSoc", "residualPower"),
    *("tariffGrid", "tariffFeedIn", "tariffSolar", "optimizer", "optimizerAutomatic", "smartCostType"),
)
"""What the gateway reads of the site, and what shows that evcc has just started."""

LOADPOINT_KEYS = (
    *("title", "mode", "alwaysCharge", "connected", "charging", "enabled", "chargePower", "offeredCurrent"),
    *("vehicleName", "vehicleTitle", "vehicleSoc", "vehicleRange", "vehicleLimitSoc", "vehicleDetectionActive"),
    *("limitSoc", "effectiveLimitSoc", "limitEnergy", "minCurrent", "maxCurrent"),
    *("effectiveMinCurrent", "effectiveMaxCurrent", "effectiveMinSoc", "minSocNotReached"),
    *("phasesConfigured", "phasesActive", "chargerPhases1p3p", "priority", "batteryBoost"),
    *("chargerFeatureHeating", "chargerFeatureIntegratedDevice", "chargerFeatureSwitchDevice"),
    *("smartCostLimit", "smartCostActive", "smartFeedInPriorityLimit", "smartFeedInPriorityActive"),
    *("planActive", "planEnergy", "planTime", "effectivePlanId", "effectivePlanSoc", "effectivePlanTime"),
    *("planProjectedStart", "planProjectedEnd", "planOverrun"),
)
"""What the gateway reads of a loadpoint, and what explains why it charges."""

ABOUT_THE_STAY = re.compile(r"connect|duration|session|charged|remainingEnergy", re.IGNORECASE)
"""Further fields of a loadpoint that are kept: whatever tells of a stay."""

VEHICLE_KEYS = ("title", "capacity", "minSoc", "limitSoc", "plan", "repeatingPlans")

_PLACE = re.compile(r"\{([+-]\d+)m\}")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$")


def path_at(what: str, now: datetime) -> str:
    """A step's path with its times filled in."""
    return _PLACE.sub(lambda m: f"{now + timedelta(minutes=int(m[1])):%Y-%m-%dT%H:%M:%SZ}", what)


def kept(state: dict[str, Any], began: datetime) -> dict[str, Any]:
    """What of a state goes into a recording, flat: ``{"loadpoints.1.mode": "pv"}``, loadpoints counted from 1."""
    found: dict[str, Any] = {}
    for key in SITE_KEYS:
        if key in state:
            found.update(_flat(key, state[key], began))
    for number, shown in enumerate(state.get("loadpoints") or [], start=1):
        for key, value in shown.items():
            if key in LOADPOINT_KEYS or ABOUT_THE_STAY.search(key):
                found.update(_flat(f"loadpoints.{number}.{key}", value, began))
    for name, shown in (state.get("vehicles") or {}).items():
        for key in VEHICLE_KEYS:
            if key in shown:
                found.update(_flat(f"vehicles.{name}.{key}", shown[key], began))
    return found


def relative(value: Any, began: datetime) -> Any:
    """``value`` with moments as ``t+90`` (seconds since the script began) and floats to three places."""
    match value:
        case dict():
            return {key: relative(inner, began) for key, inner in value.items()}
        case list():
            return [relative(inner, began) for inner in value[:2]]
        case float():
            return round(value, 3)
        case str() if _MOMENT.match(value):
            return f"t+{round((datetime.fromisoformat(value) - began).total_seconds())}"
        case _:
            return value


def _flat(path: str, value: Any, began: datetime) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}", inner, began)
    elif isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from _flat(f"{path}.{number}", inner, began)
    else:
        yield path, relative(value, began)


ABSENT = "(absent)"
"""Stands for a field that is no longer there."""


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What has to be told of a sample after the one before it."""
    found = {key: value for key, value in after.items() if key not in before or before[key] != value}
    return found | dict.fromkeys(before.keys() - after.keys(), ABSENT)


def unfold(samples: list[list[Any]], until: int) -> dict[str, list[Any]]:
    """The value of every field at every second; :data:`ABSENT` where there was no such."""
    fields = sorted({key for _, told in samples for key in told})
    now: dict[str, Any] = dict.fromkeys(fields, ABSENT)
    found: dict[str, list[Any]] = {key: [] for key in fields}
    waiting = deque(samples)
    for second in range(until):
        while waiting and waiting[0][0] <= second:
            now.update(waiting.popleft()[1])
        for key, values in found.items():
            values.append(now[key])
    return found
