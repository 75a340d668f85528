"""tariff-planner: forecasts, the plan, its explanation, and proof of what it is worth."""
