// Slide by slide, with the keyboard or the buttons. Without this the slides stand under one another.
"use strict";
(() => {
  const sheet = document.querySelector("main");
  const slides = [...document.querySelectorAll(".slide")];
  const bar = document.querySelector("nav.steps");
  const position = bar.querySelector(".position");
  const button = (name) => bar.querySelector(`[name=${name}]`);
  let at = 0;
  let presenting = false;

  // In a notebook the page stands in a frame that has no address.
  const hasAddress = location.protocol !== "about:";
  const fromAddress = () => slides.findIndex((slide) => `#${slide.id}` === location.hash);

  function show(place) {
    at = Math.max(0, Math.min(place, slides.length - 1));
    presenting = true;
    draw();
    fit(slides[at]);
    if (hasAddress) history.replaceState(null, "", `#${slides[at].id}`);
    scrollTo(0, 0);
  }

  function showAll() {
    presenting = false;
    slides[at].style.fontSize = "";
    draw();
    slides[at].scrollIntoView();
  }

  function draw() {
    document.body.classList.toggle("presenting", presenting);
    slides.forEach((slide, place) => slide.classList.toggle("shown", place === at));
    position.textContent = presenting ? `${at + 1} / ${slides.length}` : "";
    button("previous").setAttribute("aria-disabled", String(presenting && at === 0));
    button("next").setAttribute("aria-disabled", String(presenting && at === slides.length - 1));
    button("whole").setAttribute("aria-pressed", String(!presenting));
  }

  // A slide that is higher than the screen gets smaller letters.
  function fit(slide) {
    slide.style.fontSize = "";
    for (let tries = 0; tries < 4 && presenting; tries += 1) {
      const share = innerHeight / document.documentElement.scrollHeight;
      if (share >= 1 || innerWidth < 640) return;
      slide.style.fontSize = `${parseFloat(getComputedStyle(slide).fontSize) * Math.max(share, 0.7) * 0.98}px`;
    }
  }

{% include "reach.js" %}

  const forward = () => show(at + 1);
  const back = () => show(at - 1);
  const turn = () => (presenting ? showAll() : show(at));
  const keys = {
    ArrowRight: forward, ArrowDown: forward, PageDown: forward, " ": forward,
    ArrowLeft: back, ArrowUp: back, PageUp: back,
    Home: () => show(0), End: () => show(slides.length - 1), Escape: turn,
  };
  const scrolls = new Set(["ArrowDown", "ArrowUp", "PageDown", "PageUp", " "]);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
    if (event.key === " " && event.target.closest("button")) return;
    if (scrolls.has(event.key) && (!presenting || document.documentElement.scrollHeight > innerHeight + 1)) return;
    event.preventDefault();
    keys[event.key]();
  });
  button("next").addEventListener("click", forward);
  button("previous").addEventListener("click", back);
  button("whole").addEventListener("click", turn);
  addEventListener("resize", () => fit(slides[at]));
  addEventListener("hashchange", () => { if (fromAddress() >= 0) show(fromAddress()); });

  bar.hidden = false;
  show(Math.max(0, fromAddress()));
})();
