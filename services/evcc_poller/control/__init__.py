"""Carries decisions out: one runner a device, reconciled with what evcc shows."""
