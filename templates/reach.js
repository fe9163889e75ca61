  // What is wider than the screen can be scrolled with the keyboard, too.
  function mark() {
    for (const element of sheet.querySelectorAll(".lines, .wide, .expression, p, ul, h2, h3")) {
      const wide = element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX === "auto";
      if (wide === element.classList.contains("scrolls")) continue;
      element.classList.toggle("scrolls", wide);
      const role = element.tagName === "UL" ? {} : { role: "group" };
      const attributes = { tabindex: "0", "aria-label": sheet.dataset.wide, ...role };
      for (const [name, value] of Object.entries(attributes)) {
        if (wide) element.setAttribute(name, value);
        else element.removeAttribute(name);
      }
    }
  }

  new ResizeObserver(mark).observe(sheet);
  mark();
