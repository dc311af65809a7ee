"""The least it can cost: a loop that writes the same bytes to as many sockets, and nothing else.

Run as a program, so that its process is as small and as fresh as can be. It prints its port, takes
its connections, waits for a line, writes its rounds, and prints the CPU seconds of one write.
"""

import os
import socket
import subprocess
import sys
import time

from bench.processes import pin
from bench.readers import Readers, raise_open_files
from bench.server import OTHERS_CORE, WORKER_CORE

BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {}\n\n"


def seconds_per_write(data: bytes, sockets: int, rate: float, seconds: float) -> float:
    """CPU seconds of one write when that many rounds a second go to that many sockets."""
    arguments = [str(sockets), str(rate), str(seconds), data.hex()]
    program = [sys.executable, "-m", "bench.baselines.bare", *arguments]
    with (
        subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
        Readers(OTHERS_CORE) as readers,
    ):
        assert process.stdout
        assert process.stdin
        port = int(process.stdout.readline())
        readers.open(("127.0.0.1", port), "/", None, sockets)
        process.stdin.write("go\n")
        process.stdin.flush()
        return float(process.stdout.readline())


def _program(sockets: int, rate: float, seconds: float, data: bytes) -> None:
    raise_open_files()
    pin(os.getpid(), WORKER_CORE)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    print(listener.getsockname()[1], flush=True)
    accepted = [listener.accept()[0] for _ in range(sockets)]
    for each in accepted:
        each.sendall(BEGINNING)
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        each.setblocking(False)
    descriptors = [each.fileno() for each in accepted]
    sys.stdin.readline()
    print(_write_rounds(descriptors, rate, seconds, data))


def _write_rounds(descriptors: list[int], rate: float, seconds: float, data: bytes) -> float:
    rounds = max(1, round(rate * seconds))
    used, started = time.process_time(), time.monotonic()
    for number in range(rounds):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        for each in descriptors:
            os.write(each, data)
    return (time.process_time() - used) / (rounds * len(descriptors))


if __name__ == "__main__":
    _program(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), bytes.fromhex(sys.argv[4]))
