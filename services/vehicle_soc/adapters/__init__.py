"""One file an outside system; found by the entry points ``evcc_ems.vehicle_providers``."""
