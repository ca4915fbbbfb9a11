// Shows one slide at a time, scaled to the window. Keys: → ↓ space (which first show an answer that waits) and ← ↑,
// Home, End; P opens the presenter's window, which shows the notes, the next slide and the time, and follows along.
// Without this script the page is a list.
"use strict";
const slides = [...document.querySelectorAll("section")];
const presenting = location.search === "?presenter";
let other = presenting ? window.opener : null;
let current = 0;

function show(number, tell = true) {
  current = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, place) => {
    slide.classList.toggle("shown", place === current);
    slide.classList.toggle("next", presenting && place === current + 1);
  });
  history.replaceState(null, "", `#${current + 1}`);
  document.title = `${current + 1}. ${slides[current].querySelector("h1")?.textContent ?? ""}`;
  if (tell) other?.postMessage({ slide: current }, "*");
}

function showAnswer(tell = true) {
  const waiting = slides[current].querySelectorAll(".answer:not(.open)");
  waiting.forEach((answer) => answer.classList.add("open"));
  if (tell && waiting.length) other?.postMessage({ answer: true }, "*");
  return waiting.length > 0;
}

function step(by) {
  if (by !== 1 || !showAnswer()) show(current + by);
}

function fit() {
  const scale = Math.min(innerWidth / 1280, innerHeight / 720);
  const left = Math.max(0, (innerWidth - 1280 * scale) / 2);
  for (const slide of document.querySelectorAll(".slide")) {
    slide.style.transform = presenting ? "" : `translateX(${left}px) scale(${scale})`;
  }
}

function openPresenter() {
  const address = `${location.href.split(/[?#]/)[0]}?presenter#${current + 1}`;
  other = window.open(address, "presenter", "width=1000,height=800");
}

const keys = {
  ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1,
  Home: -Infinity, End: Infinity,
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("a, button") && event.key === " ") return;
  if (event.key in keys) {
    event.preventDefault();
    step(event.shiftKey && event.key === " " ? -1 : keys[event.key]);
  } else if (event.key.toLowerCase() === "p" && !presenting) openPresenter();
});
addEventListener("message", (event) => {
  if (event.source !== other) return;
  if (Number.isInteger(event.data?.slide)) show(event.data.slide, false);
  if (event.data?.answer) showAnswer(false);
});
addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1 || 0));
addEventListener("resize", fit);

document.body.classList.add(presenting ? "presenter" : "one-by-one");
if (presenting) {
  const clock = document.body.appendChild(Object.assign(document.createElement("p"), { id: "clock" }));
  const start = Date.now();
  const tick = () => {
    const seconds = Math.floor((Date.now() - start) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  tick();
  setInterval(tick, 1000);
} else {
  for (const [text, name, act] of [
    ["←", "Previous slide", () => step(-1)], ["→", "Next slide", () => step(1)],
    ["P", "Presenter's window", openPresenter], ["Print", "Print", () => print()],
  ]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: text, title: name, onclick: act });
    button.setAttribute("aria-label", name);
    document.getElementById("controls").append(button);
  }
}
fit();
show(Number(location.hash.slice(1)) - 1 || 0, false);
