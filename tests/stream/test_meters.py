"""What the engine counts of itself, and the line it leaves for each stream."""

import json

from embedded.processes import wait


def test_streams_are_counted_while_open_by_how_they_began_and_by_why_they_ended(shop, site):
    def count(name, **labels):
        return site.meter(name, **labels)

    was_open = count("streams_open")
    began = {
        start: count("streams_opened_total", start=start)
        for start in ("fresh", "resumed", "not_recovered")
    }
    gone = count("streams_closed_total", reason="gone")
    last = shop.publish("news", n=1)
    streams = [
        shop.connect(site),
        shop.connect(site, last_event_id=last),
        shop.connect(site, last_event_id="0-0"),
    ]
    assert count("streams_open") == was_open + 3
    for start, before in began.items():
        assert count("streams_opened_total", start=start) == before + 1
    for stream in streams:
        stream.close()
    assert wait(lambda: count("streams_open") == was_open, seconds=10)
    assert count("streams_closed_total", reason="gone") == gone + 3


def test_events_frames_bytes_and_delays_are_counted(shop, site):
    names = [
        "frames_sent_total",
        "stream_bytes_sent_total",
        "publish_to_write_seconds_count",
        "fanout_seconds_count",
    ]
    with shop.connect(site) as stream:
        stream.until("init")
        before = {name: site.meter(name) for name in names}
        events = site.meter("events_received_total", channel="other")
        shop.publish("a-name-that-nobody-declared", filling="x" * 1000)
        stream.until("a-name-that-nobody-declared")
        assert wait(lambda: all(site.meter(name) > before[name] for name in names), seconds=5)
        assert site.meter("events_received_total", channel="other") == events + 1
    assert site.meter("stream_bytes_sent_total") >= before["stream_bytes_sent_total"] + 1000


def test_merged_orders_are_counted_as_conflated(shop, site):
    before = site.meter("events_conflated_total")
    product = shop.product(10_000)
    for _ in range(100):
        shop.order(product)
        if site.meter("events_conflated_total") > before:
            break
    assert site.meter("events_conflated_total") > before


def test_gauges_of_the_worker(shop, site):
    shop.publish("news", n=1)
    assert site.meter("feed_live") == 1
    assert site.meter("resyncs_total", why="connected") >= 1
    assert wait(lambda: site.meter("ring_frames") > 0, seconds=5)
    assert wait(lambda: 0 < site.meter("hub_lag_seconds") < 60, seconds=10)


def test_a_stream_leaves_a_line_with_its_seconds_and_bytes(shop, site):
    def lines():
        found = (line for line in site.log.splitlines() if '"stream ended"' in line)
        return [json.loads(line) for line in found]

    before = len(lines())
    with shop.connect(site) as stream:
        stream.until("heartbeat")
    assert wait(lambda: len(lines()) > before, seconds=10)
    line = lines()[-1]
    assert line["reason"] == "gone"
    assert line["principal"].startswith("token:")
    assert line["seconds"] >= 0
    assert line["bytes"] > 100


def test_a_revoked_tokens_streams_end_and_the_others_stay(shop, site):
    revoked = shop.new_token("stream:read")
    with shop.connect(site, token=revoked) as ending, shop.connect(site) as staying:
        ending.until("init")
        staying.until("init")
        shop.revoke_newest_token()
        ending.wait_end(15)
        id = shop.publish("news", n=1)
        assert staying.until(lambda event: event.id == id)
    assert site.meter("streams_closed_total", reason="unwelcome") >= 1
