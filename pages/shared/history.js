// Streamlit 1.67 adds a step to the browser's history for every parameter that a page writes into its address, so
// that going back would take many presses, or never leave a page; and before it opens another page it writes that
// page's parameters into the address of the page that is left. Here only another page is a step, and the page that
// is left keeps its address. Remove when Streamlit does so itself.
(() => {
  if (window.edcHistory) return;
  window.edcHistory = true;
  const push = history.pushState;
  let own = null; // the address of this page before the script changed it, until the visitor acts again
  const acted = () => (own = null);
  for (const kind of ["pointerdown", "keydown", "popstate"]) window.addEventListener(kind, acted, true);
  history.pushState = function (state, title, url) {
    const same = url != null && new URL(url, location.href).pathname === location.pathname;
    if (same) {
      own ??= location.href;
      return history.replaceState(state, title, url);
    }
    if (own !== null) history.replaceState(history.state, "", own);
    own = null;
    return push.apply(this, arguments);
  };
})();
