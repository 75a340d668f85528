"""A simulated evcc: its REST API over a small house, several versions, with faults. Start at ``server``."""
