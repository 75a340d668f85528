"""rl-agent: learns what the plan misses, and says who steers: the plan, until the evidence is for a learner."""
