"""Controls the devices: one runner per device, reconciled with what evcc shows."""
