"""Units as annotated types: what a number means stands in its type, its name and the JSON Schema.

Signs: grid import positive; battery power positive = discharging (evcc's sign); charging a car positive.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC (``moment`` must be aware)."""
    return moment.astimezone(UTC)


Watts = Annotated[float, Field(json_schema_extra={"unit": "W"})]
"""Power in W; the field's name says the sign."""

KilowattHours = Annotated[float, Field(json_schema_extra={"unit": "kWh"})]
"""Energy in kWh."""

Counted = Annotated[float, Field(ge=0, json_schema_extra={"unit": "kWh"})]
"""A counter's energy in kWh: it only grows."""

Percent = Annotated[float, Field(ge=0, le=100, json_schema_extra={"unit": "%"})]
"""A share of a whole: 0 to 100 %."""

Celsius = Annotated[float, Field(json_schema_extra={"unit": "°C"})]
"""Temperature in degrees Celsius (heating loadpoints)."""

Kilometres = Annotated[float, Field(ge=0, json_schema_extra={"unit": "km"})]
"""Distance in km."""

Amperes = Annotated[float, Field(ge=0, json_schema_extra={"unit": "A"})]
"""Current per phase in A."""

Euros = Annotated[float, Field(json_schema_extra={"unit": "EUR"})]
"""Money in EUR (or the site's currency); a cost is positive, an income negative."""

EurosPerKwh = Annotated[float, Field(json_schema_extra={"unit": "EUR/kWh"})]
"""Price in EUR/kWh (or the site's currency); may be negative."""

Seconds = Annotated[float, Field(ge=0, json_schema_extra={"unit": "s"})]
"""Duration in s."""

Minutes = Annotated[float, Field(ge=0, json_schema_extra={"unit": "min"})]
"""Duration in minutes, where people set it."""

Fraction = Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "1"})]
"""A fraction from 0 to 1."""

Ratio = Annotated[float, Field(json_schema_extra={"unit": "1"})]
"""A pure number of any size."""

Instant = Annotated[AwareDatetime, AfterValidator(to_utc)]
"""An aware moment; any offset is accepted, UTC is kept."""

NAME_PATTERN = r"^[a-z0-9_-]{1,64}$"
"""The form of the names that become topics and entities."""

VehicleName = Annotated[str, Field(pattern=NAME_PATTERN)]
"""evcc's name of a vehicle; never rewritten."""

DeviceName = Annotated[str, Field(pattern=NAME_PATTERN)]
"""A device that is planned or switched: ``battery``, ``loadpoint-1``, ..."""
