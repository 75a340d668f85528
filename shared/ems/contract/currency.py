"""What people call money: a currency's usual small unit, and how large the price of a kWh usually is in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """How prices and amounts are written in one currency."""

    code: str
    """As evcc tells it, ``EUR``."""
    small: str | None = None
    """What people say a price of a kWh in; None where that is the currency itself."""
    digits: int = 2
    """Of an amount of money."""
    kwh_up_to: float | None = None
    """In the middle of a day a kWh costs less than this anywhere; None where nobody has looked."""
    per_euro: float = 1.0
    """About how many of it are a euro; 1 where that is near enough, or nobody has looked."""

    @property
    def price_factor(self) -> float:
        """From a price in the currency to the number that is written."""
        return 1.0 if self.small is None else 100.0

    @property
    def price_unit(self) -> str:
        """What stands behind the price of a kWh."""
        return self.small or self.code

    @property
    def price_digits(self) -> int:
        """How many digits a price has behind its point."""
        return 1 if self.small is not None or self.digits == 0 else 2


_KNOWN = {
    c.code: c
    for c in (
        Currency("EUR", "ct", 2, 3),
        Currency("USD", "ct", 2, 3),
        Currency("CAD", "ct", 2, 3),
        Currency("AUD", "ct", 2, 3),
        Currency("NZD", "ct", 2, 3),
        Currency("SGD", "ct", 2, 3),
        Currency("GBP", "p", 2, 3),
        Currency("CHF", "Rp.", 2, 3),
        Currency("SEK", "öre", 2, 20, 11.5),
        Currency("NOK", "øre", 2, 20, 12),
        Currency("DKK", "øre", 2, 20, 7.5),
        Currency("PLN", "gr", 2, 15, 4.3),
        Currency("BGN", "st.", 2, 6),
        Currency("RON", "bani", 2, 15, 5),
        Currency("ILS", "ag.", 2, 10),
        Currency("BRL", "ct", 2, 15),
        Currency("ZAR", "c", 2, 40, 20),
        Currency("CZK", None, 2, 60, 25),
        Currency("TRY", None, 2, None, 45),
        Currency("INR", None, 2, 100, 100),
        Currency("CNY", None, 2, 10),
        Currency("HUF", None, 0, 700, 400),
        Currency("ISK", None, 0, 300, 150),
        Currency("JPY", None, 0, 300, 165),
        Currency("KRW", None, 0, 2500, 1600),
        Currency("RSD", per_euro=117),
        Currency("RUB", per_euro=100),
        Currency("THB", per_euro=38),
        Currency("UAH", per_euro=48),
    )
}


def currency(code: str) -> Currency:
    """The currency of that code; one that is not known is written with its code and has no small unit."""
    return _KNOWN.get(code.upper(), Currency(code))
