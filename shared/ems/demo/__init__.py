"""A home on the screen: simulated evcc, embedded broker, and the ``ems`` command (demo, check, watch).

Start at :mod:`ems.simulator.server`; tests use it too, wherever a service needs an evcc to talk to.
"""
