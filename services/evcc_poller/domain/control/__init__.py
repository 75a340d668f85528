"""Who decides over each device, and what follows for evcc: pure state machines and nothing else."""
