"""What the gateway can say: records, and their sentences in every language."""
