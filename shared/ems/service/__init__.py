"""Runs a service: settings, credentials, bus, health, signals."""
