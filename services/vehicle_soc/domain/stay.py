"""When a car was plugged in at home and when it left, and what a reading from before that is still worth."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from vehicle_soc.domain.charged_energy import Live
from vehicle_soc.domain.readings import Reading

MIN_TRIP = timedelta(minutes=1)
"""Shortest absence that is a trip: a restart of evcc, and a charger that stumbles, look like a car that is away."""
MAX_SILENCE = timedelta(minutes=5)
"""Longest silence of a loadpoint through which a car that is there afterwards is taken to have stayed."""
MAX_LAG = timedelta(hours=1)
"""How far a source that names no times may lag behind the car."""
AT_ONCE = timedelta(seconds=30)
"""How long before plugging in a reading is as good as one after it."""
DRIVEN_KWH_PER_H = 60.0
"""Energy that a car uses at most on the road, in kWh per hour: a heavy one on an empty motorway."""
DRIVEN_PCT_PER_H = 120.0
"""The same as a share of its battery, where nobody knows its capacity."""
EVERYTHING_PCT = 100.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when a car is here that was here before anybody looked: there is no trip to doubt it for."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Whether a car is plugged in at home; kept over restarts, because cars leave while nobody looks."""

    plugged_at: datetime | None = None
    """Since when it is there; None: it is not."""
    left_at: datetime | None = None
    """When it was last seen before its last trip (or before the one that it is on)."""
    left_with_pct: float | None = None
    """How full it was then, as far as anybody knew."""
    seen_at: datetime | None = None
    """When it was last seen at a loadpoint."""
    session_kwh: float | None = None
    """What the session had charged by then."""
    away: bool = False
    """It was seen to be nowhere here, which is more than not having been seen."""
    loadpoint: str | None = None
    """Where it stands, or stood last."""
    before: "Stay | None" = None
    """The stay that ended when it left: it goes on if the absence turns out to be none."""

    def here(self, live: Live, soc_pct: float | None) -> "Stay":
        """The stay after the car was seen at a loadpoint.

        Args:
            live: the loadpoint's fact.
            soc_pct: how full the car was until now, as far as is known.
        """
        since = live.at - timedelta(seconds=live.connected_s) if live.connected_s else None
        at, kwh = live.at, live.session_kwh
        if self.plugged_at is not None:
            if self._came_back(live, since):
                # Nobody saw it leave, but it was plugged in after it was last seen.
                return Stay(since or at, self.seen_at, soc_pct, at, kwh)
            return replace(self, seen_at=at, session_kwh=kwh)
        if not self.away:
            return replace(self, plugged_at=since or LONG_AGO, seen_at=at, session_kwh=kwh)
        since = since or at
        if self.before is not None and self.left_at is not None and since - self.left_at < MIN_TRIP:
            return replace(self.before, seen_at=at, session_kwh=kwh)
        return replace(self, plugged_at=since, seen_at=at, session_kwh=kwh, away=False, before=None)

    def _came_back(self, live: Live, since: datetime | None) -> bool:
        """Whether the car was away while nobody looked: it came later, or its session began anew."""
        if self.seen_at is None or live.at - self.seen_at <= MAX_SILENCE:
            return False
        anew = None not in {live.session_kwh, self.session_kwh} and (live.session_kwh or 0) < (self.session_kwh or 0)
        return anew or (since is not None and since > self.seen_at)

    def nowhere(self, soc_pct: float | None) -> "Stay":
        """The stay after the car was seen at no loadpoint; ``soc_pct`` as for :meth:`here`."""
        if self.away:
            return self
        if self.plugged_at is None:
            return replace(self, away=True)
        return Stay(left_at=self.seen_at, left_with_pct=soc_pct, seen_at=self.seen_at, away=True, before=self)


def possible_drop_pct(reading: Reading, stay: Stay, capacity_kwh: float | None, now: datetime) -> float:
    """By how much the car may be less full than ``reading`` says, because it has been driven since; 0 to 100.

    A car that left after the reading and came back may have used everything. One that was read on the road, or of which
    nobody knows where it was, used what an hour takes at most; on a trip the same counts from its start.
    """
    moment = _moment(reading, stay, now)
    if stay.plugged_at is None:
        if stay.left_at is None or moment > stay.left_at:
            return 0.0
        return _driven_pct(now - stay.left_at, capacity_kwh)
    if moment >= stay.plugged_at - AT_ONCE:
        return 0.0
    if stay.left_at is not None and moment <= stay.left_at:
        return EVERYTHING_PCT
    if reading.source == "manual":
        return 0.0  # whoever reads it off the car does so where it stands
    return _driven_pct(stay.plugged_at - moment, capacity_kwh)


def echoes(soc_pct: float, stay: Stay, charged_pct: float, now: datetime) -> bool:
    """Whether what evcc says soon after a trip is what was known before it: its source may not know of the trip yet."""
    if stay.plugged_at is None or stay.left_at is None or stay.left_with_pct is None:
        return False
    soon = now - stay.plugged_at < MAX_LAG
    return soon and stay.left_with_pct - 1 <= soc_pct <= stay.left_with_pct + charged_pct + 1


def _moment(reading: Reading, stay: Stay, now: datetime) -> datetime:
    """When the SoC was so at the latest that is certain."""
    if reading.dated:
        return reading.moment
    first = reading.known_since or reading.moment
    if stay.plugged_at is None or first < stay.plugged_at:
        return first
    # It changed after the car came: to what it is now, or to what it was on its way, and that is a matter of time.
    told_at = now if reading.pushed else reading.asked_at
    return told_at - MAX_LAG


def _driven_pct(time: timedelta, capacity_kwh: float | None) -> float:
    hours = time / timedelta(hours=1)
    per_hour = DRIVEN_KWH_PER_H / capacity_kwh * 100 if capacity_kwh else DRIVEN_PCT_PER_H
    return max(0.0, min(EVERYTHING_PCT, hours * per_hour))
