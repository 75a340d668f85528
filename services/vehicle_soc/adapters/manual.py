"""Cars that nothing can be asked about: a person sets the state of charge (for every car, not only these)."""

from vehicle_soc.adapters.provider import Context, Options, ProviderKind


class ManualOptions(Options):
    """Nothing to set."""


def make(_options: ManualOptions, _context: Context) -> None:
    """No source of its own."""


KIND = ProviderKind(options=ManualOptions, make=make)
