// A tone for new alerts: off until somebody turns it on, at most one in ten seconds, two timbres.

import { dismiss, toast } from "./toast.js";

const ON = "flashboard sound";
const EVERY_MS = 10_000;

let audio = null;
let playedAt = -EVERY_MS;

export async function press(button) {
  dismiss("sound");
  if (audio) {
    audio.close();
    audio = null;
    localStorage.removeItem(ON);
  } else {
    audio = new AudioContext();
    await audio.resume();
    localStorage.setItem(ON, "1");
    beep(587, "sine", 0);
  }
  button.ariaPressed = String(Boolean(audio));
}

/** It was on before a reload; the browser mutes us until a tap, so never claim that it still is. */
export function resume(button) {
  toast("Tap to enable sound", { id: "sound", stays: true, action: { words: "Enable", run: () => press(button) } });
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
