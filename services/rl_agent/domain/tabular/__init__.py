"""The tabular agent: two small Q-tables, one for the battery and one for the car, with the predecessor's actions.

``situation`` (what is known at a slot) -> ``battery_task``, ``car_task`` (cells, actions, physics, rewards) with
``hindsight`` (what energy was worth) -> ``q_learning`` (the loop) -> ``learner`` (what the service calls).
"""
