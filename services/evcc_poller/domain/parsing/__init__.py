"""Reads evcc's answers as facts, in every shape that its versions have."""
