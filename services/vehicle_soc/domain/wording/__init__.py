"""What vehicle-soc says: records of what is the matter, and the sentences that they become in each language."""
