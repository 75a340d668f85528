"""A service as a program: settings, credentials, bus, health, signals."""
