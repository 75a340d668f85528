"""Keeps the history and counts energy."""
