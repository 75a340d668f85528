"""What an InfluxDB remembers of the home from before evcc-poller did: the predecessor's points, or our own."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ems.contract.requests import HistoryRow
from ems.metrics.settings import InfluxSettings
from rl_agent.domain.columns import SLOT

FIELDS = ("home_power", "pv_power", "battery_soc", "price_ct")
"""What is learnt from. ``ev_soc`` does not say which car it is of."""
PART = timedelta(days=28)
"""How much is asked for at once."""


class InfluxHistory:
    """One InfluxDB as a source of history. aiohttp takes 4 MB: who has no InfluxDB must not pay for it."""

    def __init__(self, settings: InfluxSettings) -> None:
        """Looks for the credential.

        Raises:
            SettingsError: it is missing.
        """
        from ems.metrics.sink import server_of  # noqa: PLC0415  see the class

        server_of(settings)
        self._settings = settings

    async def rows(self, start: datetime, end: datetime) -> AsyncIterator[tuple[HistoryRow, ...]]:
        """Quarter hours from ``start`` (inclusive) to ``end`` (exclusive), newest part first.

        Raises:
            TransientError: not reached, its own fault, or what answers is no InfluxDB.
            PermanentError: it refuses.
        """
        from ems.metrics.means import means  # noqa: PLC0415  see the class
        from ems.metrics.sink import server_of  # noqa: PLC0415

        async with server_of(self._settings) as server:
            while start < end:
                first = max(start, end - PART)
                found = await means(server, self._settings, FIELDS, first, end)
                yield tuple(_row(at, dict(found[at])) for at in sorted(found))
                end = first

    async def check(self, now: datetime) -> str:
        """What it holds of the last week.

        Raises:
            TransientError: as :meth:`rows`.
            PermanentError: as :meth:`rows`.
        """
        from ems.metrics.means import means  # noqa: PLC0415  see the class
        from ems.metrics.sink import server_of  # noqa: PLC0415

        async with server_of(self._settings) as server:
            found = await means(server, self._settings, FIELDS, now - timedelta(days=7), now)
        days = sum("home_power" in fields for fields in found.values()) * (SLOT / timedelta(days=1))
        return f"InfluxDB has {days:.1f} of the last 7 days as {self._settings.measurement}"


def _row(start: datetime, fields: dict[str, float]) -> HistoryRow:
    soc, price = fields.get("battery_soc"), fields.get("price_ct")
    return HistoryRow(
        start=start,
        seconds=SLOT.total_seconds(),
        coverage_s=SLOT.total_seconds(),
        home_w=fields.get("home_power"),
        pv_w=fields.get("pv_power"),
        battery_soc_pct=None if soc is None else min(100.0, max(0.0, soc)),
        import_eur_per_kwh=None if price is None else price / 100,
    )
