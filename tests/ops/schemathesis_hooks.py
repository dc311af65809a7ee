"""What schemathesis has to know of us: a key against repetition is good for one request."""

import re
import uuid
from typing import Any

import schemathesis

KEY = "Idempotency-Key"
GOOD = re.compile(r"[ -~]*[!-~][ -~]*")


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Use a fresh key where the case has a good one."""
    given = case.headers.get(KEY) if case.headers else None
    if isinstance(given, str) and GOOD.fullmatch(given):
        case.headers[KEY] = uuid.uuid4().hex
