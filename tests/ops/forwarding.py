"""A TCP port that leads to a unix socket, with TLS or without: as a platform reaches servers."""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import trustme


@contextlib.contextmanager
def port_to(path: Path, *, tls: bool = False) -> Iterator[int]:
    """The port on 127.0.0.1, for as long as the context lasts."""
    context = _of_nobody_known() if tls else None

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            outside = self.request
            if context:
                try:
                    outside = context.wrap_socket(outside, server_side=True)
                except (OSError, ssl.SSLError):
                    return
            with socket.socket(socket.AF_UNIX) as inside, outside:
                inside.connect(str(path))
                back = threading.Thread(target=_pump, args=(inside, outside), daemon=True)
                back.start()
                _pump(outside, inside)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Forward) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _of_nobody_known() -> ssl.SSLContext:
    """With a certificate that no client has a reason to trust, as managed Redis has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
