"""What the planner tells people: reasons as data, and one renderer a language that makes whole sentences of them."""
