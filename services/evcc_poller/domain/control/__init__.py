"""Decides who controls each device and what evcc is asked to do: pure state machines."""
