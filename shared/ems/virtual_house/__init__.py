"""A home's measured past, lived through once more under whoever decides.

``house`` (its devices) -> ``world`` (what happened) -> ``policies`` (what to do) -> ``live`` (what it cost). The
backtest and the learner's judge compare policies in it.
"""
