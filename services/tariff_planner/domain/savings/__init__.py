"""What the suite was worth: what was paid, and what evcc alone would have cost in the same weather."""
