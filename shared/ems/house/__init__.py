"""The model of a home, pure: slots, battery, cars, loadpoints, meter; and one slot simulated.

The simulated evcc, the backtest and the learner live in this house, so that they agree on its physics.
Powers in kW, energies in kWh, durations in hours. Battery power positive = discharging; grid import positive.
"""
