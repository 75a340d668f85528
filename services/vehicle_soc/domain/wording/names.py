"""Names that are the same in every language."""

_SOURCES = {"renault": "Renault", "hyundai_kia": "Hyundai/Kia", "http": "HTTP", "mqtt": "MQTT", "evcc": "evcc"}


def source_name(source: str) -> str:
    """A source as people know it; a plug-in's own name otherwise."""
    return _SOURCES.get(source, source)
