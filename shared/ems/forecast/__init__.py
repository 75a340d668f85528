"""Load, sun and prices to come, with their uncertainty and what earlier forecasts were worth."""
