"""Kia, Hyundai and Genesis."""
