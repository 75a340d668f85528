"""How full a car is counted on to be: never more than is there, when vehicle-soc doubts what it tells."""

from datetime import timedelta

from ems.contract.site import Loadpoint as LoadpointFact
from ems.contract.vehicle import Vehicle
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.wording.problems import SocDoubted

ALIVE = timedelta(minutes=15)
"""vehicle-soc repeats its facts every five minutes; who is silent for longer weighs evcc's live value no more."""
SIGMAS = 2.0
"""How many standard deviations below an uncertain SoC is counted on, where vehicle-soc does not say it itself."""
WORTH_SAYING_PCT = 10.0
"""Difference between what is shown and what is counted on, in %, from which on people are told."""


def plugged_soc(fact: LoadpointFact, facts: Facts, home: HomeRules) -> float | None:
    """What vehicle-soc counts on, having weighed all sources, while it is alive and not too old; else evcc's own."""
    known = facts.vehicles.get(fact.vehicle or "")
    counted = counted_on(known)
    if known is None or counted is None:
        return fact.soc_pct
    usable = is_usable(known, facts, home)
    if fact.soc_pct is not None:
        usable = usable and facts.now - known.at <= ALIVE
    return counted if usable else fact.soc_pct


def counted_on(known: Vehicle | None) -> float | None:
    """The SoC that is there even if the doubt about it is justified; None when nobody knows any."""
    if known is None:
        return None
    if known.soc_at_least_pct is not None:
        return known.soc_at_least_pct
    if known.soc_pct is None:
        return None
    return max(0.0, known.soc_pct - SIGMAS * (known.uncertainty_pct or 0.0))


def is_usable(known: Vehicle, facts: Facts, home: HomeRules) -> bool:
    """Whether a fact is young enough; while vehicle-soc lives, it says itself how far one of unknown age is doubted."""
    if known.measured_at is None and facts.now - known.at <= ALIVE:
        return True
    since = known.measured_at or known.known_since
    return since is not None and facts.now - since <= home.vehicle_stale


def doubt(fact: LoadpointFact, facts: Facts, home: HomeRules) -> SocDoubted | None:
    """That a car is planned with less than is shown, and why; None where that is hardly so."""
    known = facts.vehicles.get(fact.vehicle or "")
    counted = plugged_soc(fact, facts, home)
    if known is None or known.doubt is None or counted is None or counted != counted_on(known):
        return None
    if known.soc_pct is not None and known.soc_pct - counted < WORTH_SAYING_PCT:
        return None
    return SocDoubted(fact.vehicle_title or known.title or known.name, counted, known.doubt.kind)
