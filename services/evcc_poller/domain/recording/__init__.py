"""15-minute means, energy counters, and what a metrics database gets."""
