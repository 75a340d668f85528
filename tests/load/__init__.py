"""A home of a housing company: 50 loadpoints, 100 vehicles, everything changes every second. ``make load``."""
