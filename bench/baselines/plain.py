"""The plain shape: a Flask generator, with a Redis subscription of its own for each dashboard."""

import os
from collections.abc import Iterator

import redis
from flask import Flask, Response

app = Flask(__name__)


@app.get("/ready")
def ready() -> str:
    """Whether it runs."""
    return "yes"


@app.get("/stream")
def stream() -> Response:
    """All that is published, as it comes."""
    return Response(events(), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})


def events() -> Iterator[bytes]:
    """Frames of one dashboard, for ever."""
    subscription = redis.Redis.from_url(os.environ["REDIS_URL"]).pubsub()
    subscription.psubscribe("metrics:*")
    yield b"retry: 1000\ndata: {}\n\n"
    for message in subscription.listen():
        if message["type"] == "pmessage":
            channel = message["channel"].removeprefix(b"metrics:")
            yield b"event: %s\ndata: %s\n\n" % (channel, message["data"])
