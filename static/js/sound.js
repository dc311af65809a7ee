// A tone for new alerts: off until somebody turns it on, at most one in ten seconds, two timbres.

import { toast } from "./toast.js";

const ON = "flashboard sound";
const EVERY_MS = 10_000;
const button = document.getElementById("sound");

let audio = null;
let playedAt = -EVERY_MS;

export function startSound() {
  if (!button) return;
  // After a reload the browser mutes us until a tap: never claim that sound is on.
  if (localStorage.getItem(ON)) toast("Tap to enable sound", { id: "sound", action: { words: "Enable", run: turnOn } });
  button.addEventListener("click", () => (audio ? turnOff() : turnOn()));
}

export function tone(severity) {
  if (audio?.state !== "running" || performance.now() - playedAt < EVERY_MS) return;
  playedAt = performance.now();
  if (severity === "critical") [0, 0.22, 0.44].forEach((after) => beep(880, "square", after));
  else beep(587, "sine", 0);
}

function beep(frequency, type, after) {
  const begin = audio.currentTime + after;
  const oscillator = new OscillatorNode(audio, { frequency, type });
  const gain = new GainNode(audio, { gain: 0.08 });
  gain.gain.setTargetAtTime(0, begin + 0.08, 0.04);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(begin);
  oscillator.stop(begin + 0.4);
}

async function turnOn() {
  audio = new AudioContext();
  await audio.resume();
  localStorage.setItem(ON, "1");
  draw();
  beep(587, "sine", 0);
}

function turnOff() {
  audio.close();
  audio = null;
  localStorage.removeItem(ON);
  draw();
}

function draw() {
  button.setAttribute("aria-pressed", String(Boolean(audio)));
}
