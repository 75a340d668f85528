"""Cars that evcc reads by itself: nothing to ask; the loadpoint's facts say it (for every car, not only these)."""

from vehicle_soc.adapters.provider import Context, Options, ProviderKind


class EvccOptions(Options):
    """Nothing to set."""


def make(_options: EvccOptions, _context: Context) -> None:
    """No source of its own."""


KIND = ProviderKind(options=EvccOptions, make=make)
