"""Pure: no clock, no IO, no logging."""
