// Streamlit adds a step to the browser's history for every parameter that a page writes into its address, so
// that going back would take many presses, or never leave a page. Here only another page is a step.
(() => {
  if (window.edcHistory) return;
  window.edcHistory = true;
  const push = history.pushState;
  history.pushState = function (state, title, url) {
    const same = url != null && new URL(url, location.href).pathname === location.pathname;
    return same ? history.replaceState(state, title, url) : push.apply(this, arguments);
  };
  // The run looked at, for an address that Streamlit left without it; the page may have been left meanwhile.
  window.edcName = (page, run) =>
    setTimeout(() => {
      const url = new URL(location.href);
      if (!url.pathname.endsWith(`/${page}`) || url.searchParams.has("run")) return;
      url.searchParams.set("run", run);
      history.replaceState(history.state, "", url);
    }, 200);
})();
