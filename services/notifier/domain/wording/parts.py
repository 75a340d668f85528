"""What several records are made of."""

from dataclasses import dataclass

from ems.contract.currency import currency
from ems.i18n.formatter import Formatter


@dataclass(frozen=True, slots=True)
class NamedCar:
    """A car, and how full it was when this was said; None: nobody knew."""

    title: str
    soc_pct: float | None = None


@dataclass(frozen=True, slots=True)
class EnergyPrice:
    """The price of a kWh, in a currency."""

    per_kwh: float
    code: str


def filled(car: NamedCar, f: Formatter) -> str:
    """A car with how full it is: ``Zoe (43 %)``."""
    return car.title if car.soc_pct is None else f"{car.title} ({f.percent(car.soc_pct)})"


def price(of: EnergyPrice, f: Formatter) -> str:
    """A price as people say it: ``30.0 ct/kWh``."""
    money = currency(of.code)
    return f"{f.number(of.per_kwh * money.price_factor, money.price_digits)} {money.price_unit}/kWh"


def soc(pct: float, f: Formatter) -> str:
    """A SoC that somebody named, with the digits that they named."""
    return f"{f.plain(pct)} %"
