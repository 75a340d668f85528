"""One decision from facts to plan; rules without a plan; what evcc alone would cost."""
