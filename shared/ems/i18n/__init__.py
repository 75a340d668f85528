"""Numbers, money and moments as people write them, in every language of the house. Sentences are their service's."""
