"""Every topic and every message of the suite, once. Pure: no IO, no clock.

Start at :mod:`ems.contract.topics` (the registry); messages live beside it by theme.
"""
