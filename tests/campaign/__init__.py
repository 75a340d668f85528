"""A home under faults, for long: what people said is kept, and evcc is never left forced. ``make faults``."""
