// The formula on top of every section: point at a part of it, and what it stands for lights up in that section.
import { el, set, write } from "./dom.js";
import { meaning } from "./formula_words.js";

// [part, letter, subscript, superscript]
const LAMBDA = (side) => [`Lambda_${side}`, "Λ", "k", "−½"];
const ADJACENCY = [LAMBDA("left"), ["A", "A", "k"], LAMBDA("right")];
const REST = [["f_in", "f", "in"], ["W", "W", "k"]];
const WITH_M = ["four", "six", "seven"]; // the sections that are about learnt factors, too

/** The formula in `host`, for the section (or header) that `host` stands in.
 *
 *  Pointing and focus light a part for as long as they last; a click or a tap keeps it lit, another one or Escape lets
 *  go of it. The store's `pointed` is {section, part, silent} or null; elements with `data-means` are lit by style.css,
 *  bodies by halo.js.
 */
export function makeFormulaMap(host, store, model, data) {
  const section = host.closest("section, header");
  const name = section.id;
  const words = el("p", { class: "map-words", "aria-live": "polite" });
  const line = el("div", { class: "formula", role: "toolbar", "aria-label": "The formula, part by part" });
  let kept = null;
  const buttons = [];
  const part = ([id, letter, below, above]) => {
    const letters = [letter, el("sub", {}, below), above ? el("sup", {}, above) : ""];
    const button = el("button", { type: "button", "data-part": id, "aria-pressed": "false" }, ...letters);
    buttons.push(button);
    return button;
  };
  line.append(part(["f_out", "f", "out"]), el("span", {}, " = "), part(["sum", "Σ", "k"]));
  const inside = el("span", {}, "(", ...ADJACENCY.map(part), ")");
  line.append(el("span", { class: "brace" }, inside, part(["A_hat", "Â", "k"])));
  if (WITH_M.includes(name)) line.append(el("span", {}, " ⊗ "), part(["M", "M", "k"]));
  line.append(...REST.map(part));
  host.append(line, words);

  const show = (id) => store.set({ pointed: id === null ? null : { section: name, part: id } });
  const partAt = (event) => event.target.closest("button")?.dataset.part;
  line.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch" && partAt(event)) show(partAt(event));
  });
  line.addEventListener("pointerleave", () => show(kept));
  line.addEventListener("focusin", (event) => show(partAt(event)));
  line.addEventListener("focusout", () => show(kept));
  line.addEventListener("click", (event) => {
    const id = partAt(event);
    if (!id) return;
    kept = kept === id ? null : id;
    show(kept);
  });
  line.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") show((kept = null));
    if (!step) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement) + step;
    buttons[Math.min(Math.max(at, 0), buttons.length - 1)].focus();
  });

  function draw(state) {
    const lit = state.pointed?.section === name ? state.pointed.part : null;
    if (state.pointed && !lit) kept = null; // one part of the page is lit at a time
    set(section, { "data-part": lit });
    const stop = lit ?? "f_out";
    buttons.forEach((button) => {
      const { part: id } = button.dataset;
      set(button, { "aria-pressed": id === kept ? "true" : "false", class: id === lit ? "lit-part" : null });
      set(button, { tabindex: id === stop ? 0 : -1 });
    });
    const said = lit && !state.pointed.silent; // the pass lights parts, too, and has its own words
    write(words, said ? meaning(name, lit, state, model(state), data) : "Point at a part of the formula.");
  }
  store.on(["pointed", "clip", "joint", "strategy", "method", "alpha", "row"], draw);
  draw(store.state);
}
