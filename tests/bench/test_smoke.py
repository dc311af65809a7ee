"""The benchmarks run, and find nothing lost. What they measure this small says nothing."""

import subprocess
import sys

import pytest

from bench import parsing
from bench.report import against, amount, at_most, percentile, table
from tests.live import ROOT


@pytest.mark.timeout(120)
def test_a_tiny_run_prints_a_line_for_each_figure():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--tiny", "latency"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "not measured" not in done.stdout, done.stdout + done.stderr
    figures = done.stdout.splitlines()
    assert any("20 events/s: p99" in line for line in figures), done.stdout
    assert any("lost" in line and line.endswith("holds") for line in figures), done.stdout


def test_a_name_that_is_no_measurement_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "bench", "speed"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such measurement: speed" in done.stderr


def test_frames_of_a_piece_are_counted_and_gaps_seen():
    frames = [b'event: orders\nid: ab-%d\ndata: {"sentAt":1.5,"count":2}\n\n' % n for n in (4, 5)]
    found = parsing.piece(b"".join(frames) + b"event: or")
    assert (found.frames, found.first, found.last, found.dense) == (2, 4, 5, True)
    assert found.length == len(b"".join(frames))
    assert sum(found.orders.values()) == 4
    assert found.sent_at == (1.5,)
    assert not parsing.piece(frames[0] + frames[0]).dense


def test_the_last_id_is_that_of_the_last_numbered_frame():
    assert parsing.last_id(b"event: a\nid: ab-1\ndata: 1\n\nevent: b\ndata: 2\n\n") == b"ab-1"
    assert parsing.last_id(b"event: b\ndata: 2\n\n") is None


def test_a_ratio_says_whether_its_target_holds():
    figures = [
        against("writes", 3.0, 2.0, "µs", at_most(1.5), of="a bare loop"),
        amount("p99", 60.0, "ms", 50),
    ]
    printed = table(figures).splitlines()
    assert printed[2].split()[-1] == "holds"
    assert printed[3].split()[-1] == "MISSED"


def test_percentiles_are_values_that_were_measured():
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 3.0
    assert percentile([1.0], 99) == 1.0
