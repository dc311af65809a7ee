"""How much is measured: the real thing, or next to nothing to see that all of it works."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Numbers of dashboards, lengths of windows and repetitions."""

    dashboards: int = 1_000
    rounds: int = 3
    window_seconds: float = 5.0
    rates: tuple[int, ...] = (1, 20, 200)
    idle_dashboards: tuple[int, ...] = (2_000, 5_000)
    idle_generators: int = 2_000
    crowd: int = 10_000
    polls: int = 300
    orders_seconds: float = 5.0
    paints: int = 40


FULL = Sizes()
TINY = Sizes(
    dashboards=20,
    rounds=1,
    window_seconds=0.5,
    rates=(20,),
    idle_dashboards=(40,),
    idle_generators=20,
    crowd=60,
    polls=10,
    orders_seconds=0.5,
    paints=3,
)
