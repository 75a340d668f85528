"""Prices as they are known: by time, in statistics, and what others are measured by."""
