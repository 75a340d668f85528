"""The learners of the house, the likelier winner first."""

from rl_agent.domain.apprentice.learner import Apprentice
from rl_agent.domain.learner import Learner
from rl_agent.domain.tabular.learner import Tabular

LEARNERS: tuple[Learner, ...] = (Apprentice(), Tabular())
