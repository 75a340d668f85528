"""Renault, Dacia and Alpine."""
