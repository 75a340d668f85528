"""The REST API of the simulated evcc, as its versions have it."""
