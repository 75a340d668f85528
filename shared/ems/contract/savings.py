"""What the suite was worth: what was really paid, and what evcc alone would have cost in the same weather."""

from typing import Annotated

from pydantic import Field

from ems.contract.message import Message, Part, Text
from ems.contract.units import Euros, EurosPerKwh, Fraction, Instant, KilowattHours, VehicleName

_Hours = Annotated[float, Field(ge=0, json_schema_extra={"unit": "h"})]


class LoadpointUse(Part):
    """What was charged at a loadpoint in a stretch of time."""

    energy_kwh: KilowattHours
    cost_eur: Euros = Field(description="as a session's")
    mean_eur_per_kwh: EurosPerKwh
    solar_share: Fraction
    charging_h: _Hours = Field(description="how long something was charged")


class SavingsPeriod(Part):
    """A stretch of time, judged by what was measured in it."""

    since: Instant
    measured_h: float = Field(ge=0, json_schema_extra={"unit": "h"}, description="how much of it was really measured")
    cost_eur: Euros = Field(description="of what was imported, less what was fed in; income is negative")
    evcc_alone_eur: Euros = Field(description="the same under evcc alone")
    saving_eur: Euros = Field(description="less cost than under evcc alone; energy left in the battery credited")
    saving_low_eur: Euros = Field(description="the same if the battery loses less than it is set to")
    saving_high_eur: Euros = Field(description="the same if it loses more")
    stored_eur: Euros | None = Field(
        default=None,
        description="the part of the saving that is still stored: what the battery holds more than evcc alone's would, "
        "at the mean price of the whole day; absent: not known any more",
    )
    import_kwh: KilowattHours
    export_kwh: KilowattHours
    pv_kwh: KilowattHours
    used_kwh: KilowattHours = Field(description="by house and cars")
    self_consumption: Fraction | None = Field(default=None, description="share of the sun that was not fed in")
    solar_share: Fraction | None = Field(
        default=None, description="sun that was not fed in, as a share of what was used"
    )
    loadpoints: dict[str, LoadpointUse] = Field(
        default_factory=dict, description="by id; those where nothing was charged are not there"
    )


class ChargingSession(Part):
    """A car at a loadpoint, from its first to its last charged quarter hour."""

    loadpoint: str
    vehicle: VehicleName | None = None
    start: Instant
    end: Instant
    energy_kwh: KilowattHours
    cost_eur: Euros = Field(description="grid energy at its price, the sun's at what feeding in would have earned")
    mean_eur_per_kwh: EurosPerKwh
    solar_share: Fraction
    charging_h: _Hours | None = Field(default=None, description="without pauses; absent: not known any more")


class Savings(Message):
    """What the suite was worth, by the site's local days."""

    at: Instant
    currency: str = "EUR"
    today: SavingsPeriod | None = None
    yesterday: SavingsPeriod | None = None
    month: SavingsPeriod | None = Field(default=None, description="this calendar month, today included")
    total: SavingsPeriod | None = Field(default=None, description="since counting began")
    alone_battery_kwh: KilowattHours | None = Field(default=None, description="stored now under evcc alone")
    sessions: tuple[ChargingSession, ...] = Field(default=(), description="the last ones, newest first")
    method: Text = Field(description="how it is found, and what it cannot know")
