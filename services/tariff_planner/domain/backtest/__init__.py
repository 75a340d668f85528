"""What the planner would have been worth in a home's own past, decided with what was known then.

``world`` (what happened) -> ``policies`` (what to do) -> ``live`` (what it cost) -> ``score`` (what it was worth).
"""
