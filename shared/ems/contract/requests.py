"""Answers to commands, and the history on request."""

from pydantic import Field

from ems.contract.message import Command, Message, Part, Text
from ems.contract.units import EurosPerKwh, Instant, Percent, Seconds, Watts


class Result(Message):
    """What became of a command."""

    id: str | None = Field(default=None, description="as in the command")
    accepted: bool
    reason: str = Field(description="what was done, or why it was refused and what would be accepted")
    at: Instant
    kind: str | None = Field(default=None, description="which answer this is, stable for automations")
    parameters: dict[str, str | float | bool] = Field(
        default_factory=dict, exclude_if=lambda given: not given, description="what the answer is about, by name"
    )
    text: Text | None = Field(default=None, description="the reason in every language of the house")


class DeviceResult(Result):
    """The same once more, for whoever follows a device instead of a command."""

    command: str = Field(description="the command's topic below the prefix, without set")


class HistoryGet(Command):
    """Asks for finished 15-min means from ``start`` (inclusive) to ``end`` (exclusive)."""

    start: Instant
    end: Instant
    limit: int = Field(default=672, ge=1, le=2_000, description="rows a page")


class LoadpointMean(Part):
    """A loadpoint over one slot."""

    power_w: Watts
    vehicle: str | None = None
    soc_pct: Percent | None = None


class HistoryRow(Part):
    """Means over one slot; what was not measured is absent."""

    start: Instant
    seconds: Seconds = Field(description="length of the slot")
    coverage_s: Seconds = Field(description="how much of the slot was really observed")
    grid_w: Watts | None = None
    pv_w: Watts | None = None
    home_w: Watts | None = None
    battery_w: Watts | None = Field(default=None, description="positive = discharging")
    battery_soc_pct: Percent | None = None
    import_eur_per_kwh: EurosPerKwh | None = None
    export_eur_per_kwh: EurosPerKwh | None = None
    pv_forecast_w: Watts | None = Field(default=None, description="evcc's solar rate for this slot, as known before it")
    loadpoints: dict[str, LoadpointMean] = Field(default_factory=dict, description="by id, as in loadpoint/<id>")


class History(Message):
    """A page of the history; ``next`` is the ``start`` of the following page."""

    id: str | None = None
    rows: tuple[HistoryRow, ...] = ()
    next: Instant | None = None
    refused: str | None = None
