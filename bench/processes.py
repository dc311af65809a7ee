"""What a process costs, and which core it may use."""

import os
from contextlib import suppress
from pathlib import Path

import psutil

PROC = Path("/proc")
# A nice value: only root may ask for it.
FAVOUR = -20


def cpu_seconds(pid: int) -> float:
    """CPU a process has used: to the nanosecond where the kernel tells, else by its clock ticks."""
    with suppress(OSError, ValueError, IndexError):
        tasks = [each / "schedstat" for each in (PROC / str(pid) / "task").iterdir()]
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def family_cpu_seconds(pid: int) -> float:
    """CPU a process and those that it has started and that still run have used."""
    family = [pid, *(each.pid for each in psutil.Process(pid).children(recursive=True))]
    return sum(cpu_seconds(each) for each in family)


def resident_bytes(pid: int) -> int:
    """The memory a process has resident (RSS)."""
    return int(psutil.Process(pid).memory_info().rss)


def pin(pid: int, core: int) -> None:
    """Keep a process on one core of several, and before others there, as far as we may."""
    favour(pid)
    cores = os.cpu_count() or 1
    if cores > 1 and hasattr(os, "sched_setaffinity"):
        for thread in psutil.Process(pid).threads():
            with suppress(OSError):
                os.sched_setaffinity(thread.id, {core % cores})


def favour(pid: int) -> None:
    """Let a process go before others on a busy machine, where we may: best effort."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, pid, FAVOUR)
    with suppress(OSError):
        (PROC / str(pid) / "autogroup").write_text(str(FAVOUR))
