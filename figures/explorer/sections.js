// The links to the sections, in the bar at the foot of the page.
import { set } from "./dom.js";

/** Mark, among the links in `host`, the one to the section in the middle of the window. Where the links are only
 *  numbers, parts.css writes its name, `data-here`, above them.
 */
export function markSection(host) {
  const links = [...host.querySelectorAll("a")];
  const sections = links.map((link) => document.querySelector(link.hash));
  const mark = (entries) => {
    for (const { target, isIntersecting } of entries)
      set(links[sections.indexOf(target)], { "aria-current": isIntersecting ? "true" : null });
    const here = links.find((link) => link.hasAttribute("aria-current"));
    set(host, { "data-here": here ? here.textContent : null });
  };
  const observer = new IntersectionObserver(mark, { rootMargin: "-50% 0px" });
  sections.forEach((section) => observer.observe(section));
}
