"""A home as files: its past, its trips, its house. What ``backtest``, ``train`` and ``evaluate`` are given."""
