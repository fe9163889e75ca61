// What is wrong with the boxes of a page: nothing empty, nothing out of its container, nothing over its neighbour.
(() => {
  const wrong = [];
  const excerpt = (element) => element.outerHTML.replace(/<[^>]*>/g, " ").trim().slice(0, 60);
  const complain = (what, element) => wrong.push(`${what}: ${excerpt(element)}`);
  const box = (element) => element.getBoundingClientRect();
  const main = document.querySelector("main");
  const isOpen = (element) => element === main || getComputedStyle(element).overflowX === "auto";
  const visible = (element) => element.textContent.replace(/[\s\u2061\u2062]/g, "") !== "";

  if (document.documentElement.scrollWidth > innerWidth) complain("the page scrolls sideways", main);
  for (const formula of document.querySelectorAll("main math")) {
    const whole = box(formula);
    for (const leaf of formula.querySelectorAll("mi, mn, mo, mtext")) {
      const { left, right, top, bottom, width, height } = box(leaf);
      if (!(width > 0 && height > 0) && visible(leaf)) complain("empty", leaf);
      if (right > whole.right + 1 || left < whole.left - 1) complain("outside its formula", leaf);
      if (bottom > whole.bottom + 1 || top < whole.top - 1) complain("out of its line", leaf);
    }
  }
  for (const element of document.querySelectorAll("main :is(math, svg, p, table, h1, h2, h3, li)")) {
    let around = element.parentElement;
    while (!isOpen(around)) around = around.parentElement;
    const left = box(around).left - around.scrollLeft;
    const width = around === main ? main.clientWidth : around.scrollWidth;
    const inside = box(element).left >= left - 1 && box(element).right <= left + width + 1;
    if (!inside) complain("outside its container", element);
    if (!(box(element).width > 0 && box(element).height > 0)) complain("empty", element);
  }
  for (const open of document.querySelectorAll("main *")) {
    if (open === main || !isOpen(open)) continue;
    if (open.scrollHeight > open.clientHeight + 1) complain("cut off below", open);
    if (open.scrollWidth > open.clientWidth && open.tabIndex !== 0) complain("out of the keyboard's reach", open);
  }
  for (const row of document.querySelectorAll(".row")) {
    const cells = [...row.children].map((cell) => [...cell.querySelectorAll("math")].map(box));
    for (let place = 1; place < cells.length; place += 1) {
      for (const one of cells[place - 1]) {
        for (const other of cells[place]) {
          const beside = one.right <= other.left + 1 || other.right <= one.left + 1;
          if (!beside && one.bottom > other.top + 1 && other.bottom > one.top + 1) complain("over its neighbour", row);
        }
      }
    }
  }
  return wrong;
})();
