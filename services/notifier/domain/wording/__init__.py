"""What the notifier says: records of it, and the sentences that they become in each language."""
