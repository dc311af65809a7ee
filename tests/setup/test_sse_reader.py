"""The stream reader reads as the specification of event streams says, and keeps its deadlines."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.sse import Ended, Event, Stream

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CLOSE = HEAD + b"\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

Serve = Callable[..., Stream]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A connection to a server that sends these pieces and then hangs up, or holds the line."""
    hold = threading.Event()
    threads = []
    streams = []

    def start(*pieces: bytes, hang_up: bool = True, **options: object) -> Stream:
        listener = socket.create_server(("127.0.0.1", 0))

        def run() -> None:
            with listener, listener.accept()[0] as link:
                link.recv(65536)
                for piece in pieces:
                    link.sendall(piece)
                if not hang_up:
                    hold.wait()

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        port = listener.getsockname()[1]
        streams.append(Stream(f"http://127.0.0.1:{port}/s", **options))  # type: ignore[arg-type]
        return streams[-1]

    yield start
    hold.set()
    for stream in streams:
        stream.close()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end(serve, end):
    frame = end.join(["retry: 1000", "id: a-1", "event: orders", "data: [1,", "data: 2]", "", ""])
    stream = serve(CLOSE, frame.encode(), b"\n")
    assert stream.next() == Event("orders", "a-1", [1, 2])
    assert (stream.retry, stream.last_event_id) == (1000, "a-1")


def test_pieces_cut_anywhere(serve):
    frame = 'id: 1\r\nevent: orders\r\ndata: "ü"\r\n\r\n'.encode()
    stream = serve(CLOSE, *(bytes([byte]) for byte in frame))
    assert stream.next() == Event("orders", "1", "ü")


def test_chunks_that_do_not_follow_frames(serve):
    stream = serve(CHUNKED, b"9\r\ndata: 1\n\n\r\n7\r\ndata: 2\r\n", b"2\r\n\n\n\r\n0\r\n\r\n")
    assert [event.data for event in stream] == [1, 2]


def test_comments_and_frames_without_data_are_no_events(serve):
    stream = serve(CLOSE, b": ping\n\nid: 7\n\ndata: 1\n\n")
    assert stream.next() == Event("message", None, 1)
    assert (stream.comments, stream.last_event_id) == (["ping"], "7")


def test_an_unfinished_frame_is_dropped_at_the_end(serve):
    stream = serve(CLOSE, b"data: 1\n\ndata: 2\n")
    assert stream.wait_end() == [Event("message", None, 1)]


def test_silence_ends_in_a_timeout(serve):
    stream = serve(CLOSE, hang_up=False)
    with pytest.raises(TimeoutError):
        stream.next(timeout=0.05)


def test_reading_goes_on_after_a_timeout(serve):
    stream = serve(CLOSE + b"data: 1\n\ndata: 2\n", hang_up=False)
    assert stream.during(0.1) == [Event("message", None, 1)]
    assert stream.during(0.05) == []


def test_until_skips_the_others(serve):
    stream = serve(CLOSE, b"data: 1\n\nevent: orders\ndata: 2\n\ndata: 3\n\n")
    assert stream.until("orders").data == 2
    assert stream.until(lambda event: event.data == 3)
    with pytest.raises(Ended):
        stream.until("alerts")


def test_the_body_of_an_answer_that_is_no_stream(serve):
    stream = serve(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 2\r\n\r\nbusy")
    assert (stream.status, stream.headers["retry-after"], stream.body()) == (503, "2", b"busy")
