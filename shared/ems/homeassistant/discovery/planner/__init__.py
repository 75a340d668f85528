"""The planner: its own device, and what it adds to the devices of loadpoints and cars."""
