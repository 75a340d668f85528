"""A home on the screen: simulated evcc, embedded broker, and the ``ems`` command (demo, watch, dashboard, check)."""
