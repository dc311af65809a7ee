"""What the engine measures of itself, under the names Prometheus users expect."""

from prometheus_client import Counter, Gauge, Histogram

STREAMS_OPEN = Gauge("flashboard_streams_open", "Dashboards connected", multiprocess_mode="livesum")
STREAMS_OPENED = Counter("flashboard_streams_opened", "Streams begun, by how", ["start"])
STREAMS_CLOSED = Counter("flashboard_streams_closed", "Streams ended, by why", ["reason"])
STREAMS_REFUSED = Counter("flashboard_streams_refused", "Streams refused at the limit")
STREAMS_RESET = Counter(
    "flashboard_streams_reset", "Dashboards given a fresh init: unknown id, or too far behind"
)
FRAMES_SENT = Counter("flashboard_frames_sent", "Writes of frames to dashboards")
BYTES_SENT = Counter("flashboard_stream_bytes_sent", "Bytes of frames written to dashboards")
EVENTS_IN = Counter("flashboard_events_received", "Events received from Redis", ["channel"])
EVENTS_MERGED = Counter("flashboard_events_conflated", "Items that shared an event with others")
EVENTS_DROPPED = Counter(
    "flashboard_events_dropped", "Messages in Redis that are no event", ["why"]
)
EVENTS_PUBLISHED = Counter("flashboard_outbox_published", "Outbox rows published")
RELAY_FAILURES = Counter("flashboard_relay_failures", "Rounds of the relay that failed", ["part"])
RESYNCS = Counter("flashboard_resyncs", "Times the worker's board was read anew", ["why"])
GAPS = Counter("flashboard_gaps", "Gaps in the sequence noticed", ["mended"])
REBUILDS = Counter("flashboard_board_rebuilds", "Times the board was recounted from Postgres")
DIFFERENCES = Gauge(
    "flashboard_board_differences",
    "Differences between Redis and Postgres found by the last audit",
    multiprocess_mode="mostrecent",
)
OUTBOX_DEPTH = Gauge(
    "flashboard_outbox_depth", "Unpublished events", multiprocess_mode="mostrecent"
)
OUTBOX_AGE = Gauge(
    "flashboard_outbox_age_seconds",
    "Age of the oldest unpublished event",
    multiprocess_mode="mostrecent",
)
RING_FRAMES = Gauge(
    "flashboard_ring_frames", "Frames kept for resumes", multiprocess_mode="livemax"
)
FEED_LIVE = Gauge(
    "flashboard_feed_live", "1 if the worker's feed is up", multiprocess_mode="livemin"
)
HUB_LAG = Gauge(
    "flashboard_hub_lag_seconds",
    "How much later than asked a sleeping thread of the worker was woken, at most of late",
    multiprocess_mode="livemax",
)
LAG = Histogram(
    "flashboard_publish_to_write_seconds",
    "From an event's publication to its write to the dashboards",
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
FANOUT = Histogram(
    "flashboard_fanout_seconds",
    "Time one round of writes to all dashboards takes",
    buckets=(0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
)
