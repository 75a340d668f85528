"""15-minute means, energy counters, and the fields of a metrics database."""
