"""Secrets that would be recognised anywhere, in five running services: ``make canaries``."""
