"""The learners of the house, the likelier winner first."""

from rl_agent.domain.learner import Learner

LEARNERS: tuple[Learner, ...] = ()
