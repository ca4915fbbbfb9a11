// What the page shows, in its address: a link brings others to the same clip, frame, joint and section.
import { el, set, write } from "./dom.js";

const SECTIONS = ["one", "two", "three", "four", "five", "six", "seven"];
const LATER = 300; // milliseconds: the address follows when the reader rests

/** What an address asks for: {changes to the state, section, only, refused: [words]}. Entries may stand behind "?" or
 *  "#"; a name behind "#" is a section.
 */
export function readAddress({ search, hash }, data) {
  const behind = hash.slice(1);
  const asked = new URLSearchParams(search.slice(1) + (behind.includes("=") ? `&${behind}` : ""));
  const [changes, refused] = [{}, []];
  const take = (name, valid, accept) => {
    const value = asked.get(name);
    if (value === null) return;
    if (valid(value)) accept(value);
    else refused.push(`${name} = ${value.slice(0, 30)}`);
  };
  const whole = (below) => (value) => /^\d{1,6}$/.test(value) && Number(value) < below;
  const placeOf = (value) => data.clips.findIndex(({ skeleton, name }) => `${skeleton}/${name}` === value);
  take(
    "clip",
    (value) => placeOf(value) >= 0,
    (value) => (changes.clip = placeOf(value)),
  );
  const clip =
    data.clips[
      changes.clip ?? data.clips.findIndex(({ skeleton, name }) => skeleton === "mocap_15" && name === "walk")
    ];
  take("frame", whole(clip.shape[1]), (value) => Object.assign(changes, { frame: Number(value), playing: false }));
  take("joint", whole(clip.shape[2]), (value) => (changes.joint = Number(value)));
  take("strategy", (value) => data.strategies.includes(value), (value) => (changes.strategy = value));
  take("normalisation", (value) => data.methods.includes(value), (value) => (changes.method = value));
  let [section, only] = [SECTIONS.includes(behind) ? behind : null, null];
  const numbered = (value) => /^[1-7]$/.test(value);
  take("section", numbered, (value) => (section = SECTIONS[value - 1]));
  take("only", numbered, (value) => (only = SECTIONS[value - 1]));
  return { changes, section, only, refused };
}

/** The address of what the page shows, without what stands in `address` already in front of "?". */
export function addressOf({ href }, { clips }, state, section, only) {
  const { skeleton, name, own } = clips[state.clip];
  const entries = own ? {} : { clip: `${skeleton}/${name}` };
  if (!state.playing) entries.frame = state.frame % clips[state.clip].shape[1];
  Object.assign(entries, { joint: state.joint, strategy: state.strategy, normalisation: state.method });
  if (own) delete entries.joint; // the clip is on nobody else's machine
  if (only) entries.only = SECTIONS.indexOf(only) + 1;
  else if (section) entries.section = SECTIONS.indexOf(section) + 1;
  return `${href.split(/[?#]/)[0]}?${new URLSearchParams(entries).toString().replaceAll("%2F", "/")}`;
}

/** Brings the state to what the page's address asks for, and makes the button that copies it. Returns what is to be
 *  done once the page stands: it goes to the section, and keeps the address true from then on.
 */
export function makeAddress(host, store, data) {
  const { changes, section, only, refused } = readAddress(window.location, data);
  store.set(changes);
  const said = el("span", { role: "status", class: "note", id: "link-words" });
  const copy = el("button", { type: "button", class: "plain", id: "copy-link" }, "Copy a link to what you see");
  host.append(copy, said);
  if (refused.length) write(said, `Not understood in the address, and left out: ${refused.join("; ")}.`);
  if (only) showOnly(only);

  /** The section in the middle of the window; none on top. */
  const inSight = () =>
    SECTIONS.find((id) => {
      const { top, bottom } = document.getElementById(id).getBoundingClientRect();
      return top <= window.innerHeight / 2 && bottom > window.innerHeight / 2;
    }) ?? null;
  const address = () => addressOf(window.location, data, store.state, inSight(), only);
  let waiting = null;
  const follow = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      try {
        window.history.replaceState(null, "", address());
      } catch {
        // A page inside another one's text, or from a file in some browsers, has no address to change.
      }
    }, LATER);
  };
  copy.addEventListener("click", async () => {
    const link = address();
    try {
      await navigator.clipboard.writeText(link);
      write(said, "Copied.");
    } catch {
      said.replaceChildren("This is the link: ", el("a", { href: link }, link));
    }
  });

  return function arrive() {
    const place = section ? document.getElementById(section) : document.querySelector(":target");
    if (only) raiseHeadings(only);
    else place?.scrollIntoView({ behavior: "instant" });
    store.on(["clip", "joint", "strategy", "method", "playing"], follow);
    store.on(["frame"], ({ playing }) => playing || follow());
    window.addEventListener("scroll", follow, { passive: true });
  };
}

/** One section alone, for a slide or a frame. */
function showOnly(id) {
  set(document.documentElement, { "data-only": id });
  for (const element of document.querySelectorAll("header, footer, main > section, #sections, .skip"))
    element.hidden = element.id !== id;
}

/** The page has no other title then, so the section's moves up, and what stands below it does, too. */
function raiseHeadings(id) {
  for (const heading of document.querySelectorAll(`#${id} :is(h2, h3)`))
    set(heading, { role: "heading", "aria-level": heading.tagName[1] - 1 });
}
