"""What a run prints: one table, a line for each figure, with its baseline and its target."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("figure", "measured", "baseline of the same run", "ratio", "target", "")


@dataclass(frozen=True)
class Figure:
    """One line. `held` is None where there is no target."""

    name: str
    measured: str
    baseline: str = ""
    ratio: float | None = None
    target: str = ""
    held: bool | None = None


def at_most(limit: float) -> Callable[[float], tuple[str, bool]]:
    """A target that a ratio or an amount has to stay below."""
    return lambda value: (f"≤ {limit:g}", value <= limit)


def at_least(limit: float) -> Callable[[float], tuple[str, bool]]:
    """A target that a ratio has to reach."""
    return lambda value: (f"≥ {limit:g}", value >= limit)


def against(
    name: str,
    measured: float,
    baseline: float,
    unit: str,
    wanted: Callable[[float], tuple[str, bool]] | None = None,
    *,
    of: str = "",
) -> Figure:
    """A figure as a ratio to its baseline, which is said by `of`."""
    ratio = measured / baseline if baseline else float("inf")
    target, held = wanted(ratio) if wanted else ("", None)
    return Figure(
        name,
        f"{measured:.3g} {unit}".strip(),
        f"{baseline:.3g} {unit} {of}".strip(),
        ratio,
        target,
        held,
    )


def amount(
    name: str, measured: float, unit: str, limit: float | None = None, note: str = ""
) -> Figure:
    """A figure that speaks for itself, with the most it may be."""
    text = f"{measured:.3g} {unit}".strip()
    if limit is None:
        return Figure(name, text, note)
    return Figure(
        name, text, note, measured / limit, f"≤ {limit:g} {unit}".strip(), measured <= limit
    )


def fact(name: str, measured: str, held: bool, target: str) -> Figure:
    """Something that is so or is not."""
    return Figure(name, measured, target=target, held=held)


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(list(values))


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """A percentile of values in rising order."""
    if not sorted_values:
        return float("nan")
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * percent / 100))]


def table(figures: Sequence[Figure]) -> str:
    """All of it as text, columns aligned."""
    rows = [HEAD, *(_cells(each) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
    held = {None: "", True: "holds", False: "MISSED"}[figure.held]
    return figure.name, figure.measured, figure.baseline, ratio, figure.target, held
