// What an operator does, by plain HTTP: it works while the stream is down.

const TIMEOUT_MS = 10_000;
const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** POST, once however often it is sent with the same `key`. Resolves to `{ok, status, body, words}` and never rejects. */
export async function post(path, body, key = crypto.randomUUID?.() ?? String(Math.random())) {
  return send(path, {
    method: "POST",
    headers: { ...(body && { "Content-Type": "application/json" }), "X-CSRFToken": token(), "Idempotency-Key": key },
    body: body && JSON.stringify(body),
  });
}

/** GET, answered in the same way. */
export const get = (path) => send(path, {});

async function send(path, options) {
  try {
    const headers = { Accept: "application/json", ...options.headers };
    const answer = await fetch(path, { ...options, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await answer.json().catch(() => ({}));
    return { ok: answer.ok, status: answer.status, body, words: answer.ok ? "" : reason(answer.status, body) };
  } catch (error) {
    const words = error.name === "TimeoutError" ? "No answer in time. It may have been done; look again." : "The server cannot be reached.";
    return { ok: false, status: 0, body: {}, words };
  }
}

/** In the server's own words, but where those are meant for programs. */
function reason(status, { type = "", title, detail }) {
  if (status === 401) return held("You are signed out.", "Sign in", () => location.assign(`/login?next=${encodeURIComponent(location.pathname)}`));
  if (type.endsWith("/csrf")) return held(`${title}.`, "Reload", () => location.reload());
  if (status === 404) return "It no longer exists.";
  if (status === 429) return "Too many at once. Try again shortly.";
  return detail || title || `The server refused (${status}).`;
}

/** No press helps until this page is loaded anew: say so, with the way on, for as long as that is so. */
function held(words, way, run) {
  import("./banner.js").then(({ showBanner }) => showBanner("held", words, { words: way, run, tone: "warning" }));
  return words;
}
