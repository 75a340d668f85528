"""Reads evcc: its state and its rates, again and again."""
