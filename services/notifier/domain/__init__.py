"""What to ask, when, of whom, and what an answer means; no IO, no clock."""
