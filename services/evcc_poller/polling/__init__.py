"""Polls evcc's state and rates."""
