"""What is to be done now and then, by one worker for all: whoever owns it says what, here is when.

The stream's timers do it, which run in every worker; so a room needs no timer of its own.
"""

from collections.abc import Callable

EVERY_SECONDS = 600.0

Job = Callable[[], None]
jobs: list[Job] = []


def job(do: Job) -> Job:
    """Have a function called from time to time, inside an app context."""
    jobs.append(do)
    return do
