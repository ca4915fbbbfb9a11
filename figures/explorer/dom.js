// Small helpers: elements, numbers as text, and what all drawings share.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; attributes that are null are left out. */
export function el(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for an SVG element. */
export function svg(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(element, attributes, children) {
  set(element, attributes);
  element.append(...children);
  return element;
}

/** Change attributes of an element where they differ, which spares the browser the work; null removes one. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Write text where it differs, which spares the browser the work and the screen reader the repetition. */
export function write(element, text) {
  if (element.textContent === text) return;
  const [first, ...others] = element.childNodes;
  // Another text in the same node is less work than another node, but nothing at all is no node.
  if (text && first?.nodeType === Node.TEXT_NODE && !others.length) first.data = text;
  else element.textContent = text;
}

/** A number with so many decimals, a true minus, and no "-0". */
export function number(value, decimals = 2) {
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** A number in about three digits: 31.6, 1.00, 0.707. */
export function short(value) {
  const size = Math.abs(value);
  return number(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

/** 1234567 -> "1,234,567". */
export const grouped = (value) => value.toLocaleString("en-GB");

/** A subset's colour as CSS; what its marks are filled with; and the variable that style.css reads. */
export const paint = (style) => `var(--${style.color})`;
export const fillOf = (style) => (style.hollow ? "var(--page)" : paint(style));
export const asSubset = (style) => `--subset: var(--${style.color})`;

/** The colour of a number: purple above 0, ochre below. */
export const signColour = (value) => `var(--${value < 0 ? "negative" : "positive"})`;

/** Where an arrow key leads: [to the right, down]. */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** "1 centripetal: closer to the centre" -> "centripetal". */
export const shortName = (style) => style.words.replace(/^\d+ /, "").split(":")[0];

/** Numbers as subscripts, for Â₀, W₁, Λ₂. */
export const sub = (k) => "₀₁₂₃₄₅₆₇₈₉"[k];

/** Width and height of a chart's host in pixels. */
export const sizeOf = (host) => [host.clientWidth || 320, host.clientHeight || 240];

/** What follows from a pointer's moves, run(event), in a task of its own: the browser, which tells of a move when it is
 *  about to draw, draws first. Of the moves in one task only the newest counts. `finish` waits no longer.
 */
export function followPointer(run) {
  let newest = null;
  const finish = () => {
    const event = newest;
    newest = null;
    if (event) run(event);
  };
  const follow = (event) => {
    if (!newest) setTimeout(finish);
    newest = event;
  };
  return { follow, finish };
}

/** A drawing that fills its host of this size, with a label for readers who do not see it. */
export function drawChart(host, [width, height], label, ...shapes) {
  host.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, ...shapes));
}

/** Radio buttons that look like one switch. options: [[value, words]]; returns a fieldset. */
export function choice(name, legend, options, chosen, onChange) {
  const labels = options.map(([value, words]) => {
    const input = el("input", { type: "radio", name, value });
    input.checked = value === chosen;
    input.addEventListener("change", () => onChange(value));
    return el("label", {}, input, el("span", {}, words));
  });
  return el("fieldset", { class: "choice" }, el("legend", {}, legend), el("div", { class: "options" }, ...labels));
}

/** A slider with its label and its value as text. `show(value)` gives the text; onInput(value) is called on a move. */
export function slider(label, { min, max, step, value }, show, onInput) {
  const input = el("input", { type: "range", min, max, step });
  input.value = value;
  const output = el("output", {}, show(Number(value)));
  const update = () => {
    output.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    update();
    onInput(Number(input.value));
  });
  input.setAttribute("aria-valuetext", output.textContent);
  const row = el("label", { class: "slider" }, el("span", { class: "name" }, label), input, output);
  return { row, input, output, set: (number) => ((input.value = number), update()) };
}
