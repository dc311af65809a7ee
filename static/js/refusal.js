// Why the stream was refused: EventSource hides that, and then never tries again.

const SECOND = 1000;
const SIGNED_OUT_RETRY_MS = 60 * SECOND;

/** How the link is, and how long to wait at least. */
export async function whyRefused(url, probe) {
  try {
    const { status, headers } = await fetch(url, { headers: { Accept: "text/event-stream" }, signal: probe.signal });
    probe.abort();
    if (status === 401 || status === 403) return { phase: "signed-out", wait: SIGNED_OUT_RETRY_MS };
    if (status === 503 || status === 429) return { phase: "full", wait: Number(headers.get("Retry-After")) * SECOND || 0 };
  } catch {
    // Unreachable: the same as a lost link.
  }
  return { phase: "lost", wait: 0 };
}
