"""The apprentice: learns by how much the plan's forecast of the net load will be wrong, and corrects half of it.

``residuals`` (how wrong it was) -> ``features`` (what is known of it at an origin) -> ``ridge`` (what follows from it)
-> ``correction`` (kW for the slots ahead) -> ``learner`` (what the service calls).
"""
