"""What activity shows: visitors now and today."""

from blueprints import stream
from blueprints.activity import service

# The contract's bound: at most one event in 2 s.
SECONDS = 2.0

stream.channel(
    "activity",
    fields=[stream.Value("activeUsers", 0), stream.Value("visitorsToday", 0)],
    sample=stream.Sample(SECONDS, service.count),
)
