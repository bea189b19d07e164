// The glossary on the page: the first place of each term is underlined with dots, and every place answers a pointer
// with the term's sentence. Nothing is added to what Streamlit draws: ranges are highlighted, and one box floats above.
// Streamlit's help icons leave the Tab order, where one stands before every field; F1 in a field goes to its help.
((terms) => {
  if (window.edcGlossary || !window.Highlight || !CSS.highlights) return;
  window.edcGlossary = true;
  const SKIPPED = "button, a, nav, code, pre, svg, input, textarea, h1, style, script, .katex, [role=tab], [role=option],"
    + " [role=radio], [role=tooltip], [data-testid=stTooltipContent], [data-testid=stPopoverBody]";
  const LESS = "\u003c"; // Streamlit drops a script that holds the sign itself before a letter or a mark
  const pattern = new RegExp(terms.map(([, , forms]) => `(?${LESS}![\\w-])(${forms})(?![\\w-])`).join("|"), "gi");
  const capitals = terms.map(([name]) => name === name.toUpperCase() && /[A-Z]/.test(name));
  const places = (node) => [...node.data.matchAll(pattern)]
    .map((found) => ({ found, term: found.slice(1).findIndex((group) => group !== undefined) }))
    .filter(({ found, term }) => !capitals[term] || found[0] === terms[term][0]);
  const main = () => document.querySelector("[data-testid=stMain]");
  const range = (node, { found }) => {
    const made = new Range();
    made.setStart(node, found.index);
    made.setEnd(node, found.index + found[0].length);
    return made;
  };

  function underline() {
    const seen = new Set(), ranges = [];
    const walker = document.createTreeWalker(main() ?? document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node && seen.size < terms.length; node = walker.nextNode()) {
      const fresh = places(node).filter(({ term }) => !seen.has(term));
      if (!fresh.length || node.parentElement.closest(SKIPPED)) continue;
      for (const place of fresh) {
        if (!seen.has(place.term)) ranges.push(range(node, place));
        seen.add(place.term);
      }
    }
    CSS.highlights.set("edc-term", new Highlight(...ranges));
  }

  const HELP = "[data-testid=stTooltipIcon] button";
  function passOverHelp() {
    for (const button of document.querySelectorAll(`${HELP}:not([tabindex])`)) button.tabIndex = -1;
  }

  const box = document.createElement("div");
  box.className = "edc-term-box";
  box.setAttribute("role", "tooltip");
  document.body.append(box);

  function under(x, y) {
    const at = document.caretPositionFromPoint?.(x, y) ?? document.caretRangeFromPoint?.(x, y);
    const node = at?.offsetNode ?? at?.startContainer, offset = at?.offset ?? at?.startOffset;
    if (node?.nodeType !== Node.TEXT_NODE || !main()?.contains(node) || node.parentElement.closest(SKIPPED)) return null;
    for (const place of places(node)) {
      if (offset < place.found.index || offset > place.found.index + place.found[0].length) continue;
      const rects = [...range(node, place).getClientRects()];
      const rect = rects.find((one) => x >= one.left && x <= one.right && y >= one.top && y <= one.bottom);
      if (rect) return { rect, sentence: terms[place.term][1], name: terms[place.term][0] };
    }
    return null;
  }

  function show(x, y) {
    const found = under(x, y);
    document.documentElement.classList.toggle("edc-on-term", Boolean(found));
    box.classList.toggle("shown", Boolean(found));
    if (!found) return;
    box.replaceChildren(Object.assign(document.createElement("b"), { textContent: found.name }), ` ${found.sentence}`);
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(found.rect.left, innerWidth - width - 8))}px`;
    box.style.top = `${found.rect.top > height + 8 ? found.rect.top - height - 6 : found.rect.bottom + 6}px`;
  }

  let frame = 0, waiting = 0;
  const asked = ({ clientX, clientY }) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => show(clientX, clientY));
  };
  addEventListener("pointermove", asked, { passive: true });
  addEventListener("pointerdown", asked, { passive: true });
  const hide = () => show(-1, -1);
  addEventListener("scroll", hide, { passive: true, capture: true });
  addEventListener("keydown", (event) => {
    hide();
    const help = event.key === "F1" && event.target.closest("[data-testid=stElementContainer]")?.querySelector(HELP);
    if (!help) return;
    event.preventDefault();
    help.focus();
  });
  document.documentElement.addEventListener("pointerleave", hide);
  new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => (underline(), passOverHelp()), 250);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
  underline();
  passOverHelp();
})(TERMS);
