"""What is to be decided, and what a decision is: the vocabulary of model, look-ahead and explanation."""
