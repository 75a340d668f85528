"""What the learner tells people: reasons as data, and a sentence for each in every language of the house."""
