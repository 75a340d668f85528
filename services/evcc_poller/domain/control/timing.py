"""Times that the battery's and the loadpoints' machines share."""

from datetime import timedelta

SETTLE = timedelta(seconds=1)
"""Time from evcc's reply to a write until its state shows it."""
STAND_DOWN = timedelta(minutes=10)
"""Pause before the next try after a 409 from evcc's own optimizer."""
