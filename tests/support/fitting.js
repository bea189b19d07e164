// What on a page does not fit its window, as sentences.
narrowest => {
  const faults = new Set(), width = document.documentElement.clientWidth;
  const main = document.querySelector("[data-testid=stMain]");
  const seen = element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const called = element => {
    const key = [...element.closest("[class*=st-key-]")?.classList ?? []].find(name => name.startsWith("st-key-"));
    return `${element.tagName} in ${key ?? "the page"} (${(element.textContent || element.alt || "").trim().slice(0, 40)})`;
  };
  const scrolled = element => {
    for (let at = element; at && at !== main; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
    return false;
  };
  for (const page of [document.documentElement, document.body, main])
    if (page.scrollWidth > page.clientWidth + 1) faults.add(`${page.tagName} is ${page.scrollWidth} wide in ${page.clientWidth}`);
  const inner = [...main.querySelectorAll("*")].filter(element => element.shadowRoot).map(element => element.shadowRoot);
  const roots = [main, ...inner];
  for (const element of roots.flatMap(root => [...root.querySelectorAll("*")])) {
    if (element.closest("[data-testid=stDataFrame], .katex-mathml, [role=tablist]") || !seen(element)) continue;
    const box = element.getBoundingClientRect(), out = box.left < -1 || box.right > width + 1;
    if (element.matches("img, canvas, svg, .js-plotly-plot") && out) faults.add(`out of the window: ${called(element)}`);
    if (element.closest("svg")) continue;
    const style = getComputedStyle(element), own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (own && out && !scrolled(element)) faults.add(`text out of the window: ${called(element)}`);
    const shut = /hidden|clip/.test(style.overflowX) && style.position !== "absolute" && element.clientWidth > 1;
    if (shut && element.textContent.trim() && element.scrollWidth > element.clientWidth + 1) faults.add(`cut: ${called(element)}`);
  }
  const over = (one, two) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 2
    && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 3;
  const aslant = text => /rotate\((?!-?90[ ,)]|0[ ,)])/.test(`${text.getAttribute("transform")} ${text.parentElement.getAttribute("transform")}`);
  for (const chart of roots.flatMap(root => [...root.querySelectorAll(".js-plotly-plot, svg.race, .machine svg")]).filter(seen)) {
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("text")]
      .filter(text => text.textContent.trim() && seen(text) && !aslant(text) && !text.closest(".hoverlayer, .modebar"))
      .map(text => [text.textContent, text.getBoundingClientRect()]);
    texts.forEach(([said, box], place) => {
      if (chart.matches(".js-plotly-plot") && (box.left < frame.left - 2 || box.right > frame.right + 2
        || box.top < frame.top - 2 || box.bottom > frame.bottom + 2)) faults.add(`cut by its chart: "${said}", ${called(chart)}`);
      for (const [other, there] of texts.slice(place + 1))
        if (over(box, there)) faults.add(`printed over one another: "${said}" and "${other}", ${called(chart)}`);
    });
    for (const panel of chart.querySelectorAll("rect.nsewdrag"))
      if (seen(panel) && panel.getBoundingClientRect().width < narrowest) faults.add(`a narrow panel: ${called(chart)}`);
  }
  return [...faults];
}
