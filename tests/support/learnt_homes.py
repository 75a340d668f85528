"""Made-up homes that a learner can, or cannot, learn something of; hourly, at fixed prices of day and night."""

from datetime import UTC, datetime

import numpy as np

from ems.forecast.history_grid import Floats
from ems.virtual_house.house import PriceTerms, VirtualBattery, VirtualHouse
from ems.virtual_house.world import Table, World, world

START = datetime(2024, 1, 1, tzinfo=UTC)
BATTERY = VirtualBattery(capacity_kwh=10, charge_kw=5, discharge_kw=5, start_kwh=0)


def stage(
    load_kw: Floats, *, judged_from: int = 0, battery: VirtualBattery | None = BATTERY, spot: Floats | None = None
) -> World:
    """A home in UTC without sun; 10 ct by night, 30 ct from 6 to 22 h unless ``spot`` says otherwise."""
    hour = np.arange(len(load_kw)) % 24
    prices = np.where((hour >= 6) & (hour < 22), 0.3, 0.1) if spot is None else spot
    terms = PriceTerms(spot_factor=1.0)
    house = VirtualHouse(
        zone="UTC", import_price=terms, export_price=PriceTerms(plus_eur_per_kwh=0.05), battery=battery
    )
    nothing = np.zeros(len(load_kw))
    since = START + (datetime(2024, 1, 1, 1, tzinfo=UTC) - START) * judged_from
    return world(Table(START, 60, load_kw, nothing, nothing, prices), house, (), since)


def moody(days: int, seed: int = 1) -> Floats:
    """Loads that stay high or low for some hours: what the last hours were off is worth knowing."""
    noise = np.random.default_rng(seed).normal(0, 0.1, days * 24)
    mood = np.zeros(days * 24)
    for slot in range(1, len(mood)):
        mood[slot] = 0.9 * mood[slot - 1] + noise[slot]
    return np.maximum(1.0 + mood, 0.05)


def fickle(days: int, seed: int = 1) -> Floats:
    """Loads of which nothing can be foreseen but their mean."""
    return np.maximum(np.random.default_rng(seed).normal(1.0, 0.25, days * 24), 0.05)
