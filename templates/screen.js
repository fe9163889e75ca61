// Step by step, and where a number comes from. The sheet can be read without; what is said here is read off the page.
"use strict";
(() => {
  const sheet = document.querySelector("main");
  const bar = document.querySelector("nav.steps");
  const about = bar.querySelector(".about");
  const words = about.dataset;
  const hint = [...about.childNodes];
  const position = bar.querySelector(".position");

  // ---- stops: a heading and what follows it; a heading with no more than words above it belongs to the stop of the
  // section's heading

  const isHeading = (block) => block !== null && /^H\d$/.test(block.tagName);
  const isBegun = (heading) => {
    let above = heading.previousElementSibling;
    while (above?.matches("p.plain")) above = above.previousElementSibling;
    return isHeading(above) && (above === heading.previousElementSibling || above.tagName < heading.tagName);
  };
  const stops = [];
  const stopOf = new Map();
  for (const block of sheet.children) {
    const opens = isHeading(block) && !isBegun(block) && stops.at(-1)?.some(isHeading);
    if (opens || !stops.length) stops.push([]);
    stops.at(-1).push(block);
    stopOf.set(block, stops.length - 1);
  }
  const headingOf = (stop) => stops[stop]?.findLast(isHeading);
  const isNumbered = (stop) => headingOf(stop)?.querySelector(".number") != null;
  const placeOf = (element) => stopOf.get(element.closest("main > *"));
  const firstStep = stops.findIndex((_, stop) => isNumbered(stop));
  let at = null;

  function show(stop) {
    at = stop === null ? null : Math.max(0, Math.min(stop, stops.length - 1));
    const all = at === null;
    document.body.classList.toggle("stepping", !all);
    stops.forEach((blocks, place) => {
      for (const block of blocks) block.classList.toggle("later", !all && place > at);
      if (place === at) headingOf(place)?.setAttribute("aria-current", "step");
      else headingOf(place)?.removeAttribute("aria-current");
    });
    bar.querySelector("[name=whole]").setAttribute("aria-pressed", String(!all));
    bar.querySelector("[name=previous]").setAttribute("aria-disabled", String(at === 0));
    bar.querySelector("[name=next]").setAttribute("aria-disabled", String(at === stops.length - 1));
    const counted = all ? [] : filled(words.position, { place: at + 1, places: stops.length });
    position.replaceChildren(...counted, ...(all ? [] : [heard(at)]));
    if (!all) stops[at][0].scrollIntoView({ block: "start", behavior: gentle() });
  }

  const gentle = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");
  const inView = () => Math.max(0, stops.findLastIndex(([head]) => head.getBoundingClientRect().top < innerHeight / 3));
  const moves = {
    next: () => (at === null ? inView() : at + 1),
    previous: () => (at === null ? inView() : at - 1),
    first: () => 0,
    last: () => stops.length - 1,
    whole: () => (at === null ? inView() : null),
  };

  // ---- items: every place on the page that shows one

  const places = new Map();
  for (const element of sheet.querySelectorAll("[data-item]")) keep(places, element.dataset.item, element);

  function keep(lists, name, entry) {
    if (!lists.has(name)) lists.set(name, []);
    lists.get(name).push(entry);
  }

  const arrayOf = (id) => id.replace(/\[[\d,]+\]/, "");

  // An array of one element may go without its index: y_hat is y_hat[1].
  function namesOf(id) {
    const array = arrayOf(id);
    const elements = [...places.keys()].filter((other) => other !== array && arrayOf(other) === array);
    return elements.length === 1 ? [array, elements[0]] : [id];
  }

  const shown = (id) => namesOf(id).flatMap((name) => places.get(name) ?? []);
  const isSymbol = (element) => element.namespaceURI.endsWith("MathML") && /\p{L}/u.test(element.textContent);

  const defined = new Map();
  for (const left of sheet.querySelectorAll(".left")) {
    const [first, second] = left.querySelectorAll("[data-item]");
    if (first && !second) keep(defined, first.dataset.item, placeOf(left));
  }

  function originOf(id) {
    const cells = shown(id).filter((element) => element.closest("td")).map(placeOf);
    const rows = [...namesOf(id), arrayOf(id)].flatMap((name) => defined.get(name) ?? []);
    const found = [...rows, ...cells].sort((one, other) => one - other);
    return found.find(isNumbered) ?? found[0];
  }

  // ---- what the line at the bottom says

  function bare(element) {
    const copy = element.cloneNode(true);
    for (const part of [copy, ...copy.querySelectorAll("*")]) {
      for (const name of ["id", "class", "data-item", "tabindex", "aria-current"]) part.removeAttribute(name);
    }
    return copy;
  }

  function made(tag, content, attributes = {}) {
    const element = document.createElement(tag);
    element.append(...content);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function filled(sentence, parts) {
    return sentence.split(/\{(\w+)\}/).flatMap((piece, place) => (place % 2 ? parts[piece] : piece));
  }

  function title(stop) {
    const parts = [...(headingOf(stop)?.childNodes ?? [])].filter((part) => !part.classList?.contains("number"));
    return parts.map((part, place) => {
      if (part.nodeType === Node.ELEMENT_NODE) return bare(part);
      return place ? part.textContent : part.textContent.trimStart();
    });
  }

  const number = (stop) => headingOf(stop).querySelector(".number").textContent;
  const full = (stop) => (isNumbered(stop) ? [number(stop), " ", ...title(stop)] : title(stop));
  const heard = (stop) => made("span", [": ", ...full(stop)], { class: "heard" });

  function link(stop, content) {
    const heading = headingOf(stop);
    heading.id ||= `part-${stop}`;
    return made("a", content, { href: `#${heading.id}` });
  }

  function nameOf(id) {
    const symbol = shown(id).find(isSymbol);
    if (!symbol) return id;
    const math = document.createElementNS(symbol.namespaceURI, "math");
    math.append(bare(symbol));
    return math;
  }

  function sentences(id) {
    const origin = originOf(id);
    const standing = [...new Set(shown(id).map(placeOf))].sort((one, other) => one - other);
    const used = standing.filter((stop) => stop !== origin && stop >= firstStep);
    const said = [];
    if (origin !== undefined) {
      said.push(filled(isNumbered(origin) ? words.calculated : words.given, { step: link(origin, full(origin)) }));
    }
    if (used.length) {
      const links = used.map((stop) => link(stop, isNumbered(stop) ? [number(stop)] : title(stop)));
      const steps = made("span", links.flatMap((one, place) => (place ? [", ", one] : one)));
      said.push(filled(words.used, { steps }));
    }
    return [nameOf(id), ...said.flatMap((sentence, place) => [place ? "; " : ": ", ...sentence])];
  }

  let lit = null;
  let pinned = false;

  function light(id) {
    if (id === lit) return;
    for (const element of sheet.querySelectorAll(".lit")) element.classList.remove("lit");
    lit = id;
    about.replaceChildren(...(id === null ? hint : sentences(id)));
    for (const element of id === null ? [] : shown(id)) element.classList.add("lit");
  }

  function itemAt(target) {
    return target.closest?.("main [data-item]") ?? null;
  }

  // ---- hands: mouse and touch, the keyboard, the buttons

  sheet.addEventListener("pointerover", (event) => {
    if (!pinned && event.pointerType === "mouse") light(itemAt(event.target)?.dataset.item ?? null);
  });
  sheet.addEventListener("pointerleave", () => pinned || light(null));
  sheet.addEventListener("click", (event) => {
    const item = itemAt(event.target)?.dataset.item ?? null;
    light(item);
    pinned = item !== null;
  });
  sheet.addEventListener("focusin", (event) => {
    const item = itemAt(event.target);
    if (!item) return;
    pinned = true;
    light(item.dataset.item);
  });

  const reachable = [...sheet.querySelectorAll("math [data-item]")];
  const entered = new Set();
  for (const element of reachable) {
    element.setAttribute("tabindex", entered.has(placeOf(element)) ? "-1" : "0");
    entered.add(placeOf(element));
  }

  function walk(from, by) {
    const visible = reachable.filter((element) => element.getClientRects().length);
    visible[visible.indexOf(from) + by]?.focus();
  }

  const ALWAYS = { ArrowRight: "next" };
  const LETTERS = { n: "next", p: "previous" };
  const STEPPING = { ...ALWAYS, ...LETTERS, ArrowLeft: "previous", Home: "first", End: "last", Escape: "whole" };
  const WALKING = { ArrowDown: 1, ArrowUp: -1 };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || scrolls(event)) return;
    const item = itemAt(event.target);
    const move = (at === null ? ALWAYS : STEPPING)[event.key];
    if (event.key === "Escape" && pinned) {
      pinned = false;
      light(null);
    } else if (item && WALKING[event.key]) walk(item, WALKING[event.key]);
    else if (item && event.key === "Enter") about.querySelector("a")?.click();
    else if (move) show(moves[move]());
    else return;
    event.preventDefault();
  });

  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const goal = event.target.closest("a");
    if (button) show(moves[button.name]());
    if (goal) {
      event.preventDefault();
      go(document.querySelector(goal.hash));
    }
  });

  // The browser would follow the link, but not in a notebook, where the page stands in a frame without an address.
  function go(heading) {
    if (at !== null) show(Math.max(at, placeOf(heading)));
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "start", behavior: gentle() });
  }

  const scrolls = (event) => event.key.startsWith("Arrow") && event.target.classList?.contains("scrolls");

{% include "reach.js" %}

  bar.hidden = firstStep < 0;
})();
