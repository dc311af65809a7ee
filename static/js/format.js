// Numbers, money and times, in the viewer's language and the shop's currency and zone.

const page = document.body.dataset;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NARROW = 360;

export const UNKNOWN = "—";
export const lang = known(page.lang) ?? known(navigator.language) ?? "en";

const numbers = new Intl.NumberFormat(lang);
const signed = new Intl.NumberFormat(lang, { signDisplay: "exceptZero" });
const moneys = currency({});
const signedMoneys = currency({ signDisplay: "exceptZero" });
const compact = currency({ notation: "compact" });
const percents = [0, 1].map((digits) => new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: digits }));
const plurals = new Intl.PluralRules("en");
const clocks = { minute: clockOf({}), second: clockOf({ second: "2-digit" }) };

export const number = (value) => (Number.isFinite(value) ? numbers.format(value) : UNKNOWN);
export const difference = (value) => signed.format(value);
export const moneyDifference = (value) => signedMoneys.format(value);

export function money(value) {
  if (!Number.isFinite(value)) return UNKNOWN;
  return (innerWidth < NARROW ? compact : moneys).format(value);
}

/** 0.124 as 12 %; one decimal below 10 %. */
export function percent(ratio) {
  return percents[Math.abs(ratio) < 0.1 ? 1 : 0].format(Math.abs(ratio));
}

/** "1 item", "2 items" */
export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${plurals.select(value) === "one" ? one : many}`;
}

/** 14:32, or 14:32:05, by the shop. */
export function clock(moment, precision = "minute") {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? UNKNOWN : clocks[precision].format(at);
}

/** "now", "35 s ago", "4 min ago", then the wall clock. */
export function age(moment, now) {
  const passed = now - new Date(moment);
  if (!Number.isFinite(passed)) return UNKNOWN;
  if (passed < 5 * SECOND) return "now";
  if (passed < MINUTE) return `${Math.floor(passed / SECOND / 5) * 5} s ago`;
  if (passed < 60 * MINUTE) return `${Math.floor(passed / MINUTE)} min ago`;
  return clock(moment);
}

/** "2026-11-24" as 24 Nov. */
export function day(iso) {
  const at = new Date(`${iso}T12:00:00Z`);
  if (Number.isNaN(at.getTime())) return UNKNOWN;
  return new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}

export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

export const FORMATS = { number, money };

function known(tag) {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag || [])[0];
  } catch {
    return undefined; // ?lang=nonsense
  }
}

function currency(options) {
  return new Intl.NumberFormat(lang, { style: "currency", currency: page.currency || "USD", ...options });
}

function clockOf(options) {
  return new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.timezone || "UTC", ...options });
}
