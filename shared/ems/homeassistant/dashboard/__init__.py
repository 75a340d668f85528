"""A dashboard for a home, of Home Assistant's own cards; see docs/home-assistant.md."""
