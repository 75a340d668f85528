"""Work in several processes, with a bar that shows how far it is."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ems.runtime.errors import PermanentError

NEEDS = "needs joblib and rich: install evcc-ems[backtest]"


def side_by_side[T](does: Callable[..., T], arguments: Iterable[tuple[Any, ...]], total: int, jobs: int) -> Iterator[T]:
    """What ``does`` returns for each of the arguments, in the order in which it is ready.

    Arguments are made while others are worked on; where joblib is told of a cluster, its workers do the work.

    Raises:
        PermanentError: the extra is missing.
    """
    try:
        from joblib import Parallel, delayed  # noqa: PLC0415  an extra: the service itself does without
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import track  # noqa: PLC0415
    except ImportError as error:
        raise PermanentError(NEEDS) from error
    done: Iterator[T] = Parallel(n_jobs=jobs, return_as="generator_unordered")(
        delayed(does)(*each) for each in arguments
    )
    console = Console(stderr=True)
    yield from track(done, "Living through the past", total, console=console, disable=not console.is_terminal)
