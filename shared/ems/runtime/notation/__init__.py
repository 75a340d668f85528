"""How people write settings, and what they mean by it."""
