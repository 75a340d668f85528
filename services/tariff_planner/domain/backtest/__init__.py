"""What the planner would have been worth in a home's own past, decided with what was known then.

Policies live in :mod:`ems.virtual_house`; ``score`` says what each was worth, ``page`` shows it.
"""
