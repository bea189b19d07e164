"use strict";
// Draws every chart at the width and in the ink of the page, and again when either changes; paper is A4 and light.
(() => {
  const PAPER = 684;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const places = figures.map((_, number) => document.getElementById(`plot-${number}`));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const print = matchMedia("print");

  const look = (place, printing) => ({
    width: printing ? PAPER : place.clientWidth,
    "font.color": dark.matches && !printing ? "#eef2f6" : "#1c2430",
  });

  figures.forEach((figure, number) => {
    const place = places[number];
    const printing = print.matches;
    figure.layout.width = look(place, printing).width;
    figure.layout.font = { ...figure.layout.font, color: look(place, printing)["font.color"] };
    figure.layout.paper_bgcolor = "rgba(0,0,0,0)";
    figure.layout.plot_bgcolor = "rgba(0,0,0,0)";
    Plotly.newPlot(place, figure.data, figure.layout, { displaylogo: false, displayModeBar: false });
  });

  const redraw = (printing) => places.forEach((place) => Plotly.relayout(place, look(place, printing)));
  let waiting;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => redraw(print.matches), 120);
  });
  dark.addEventListener("change", () => redraw(print.matches));
  print.addEventListener("change", (event) => redraw(event.matches));
  addEventListener("beforeprint", () => redraw(true));
  addEventListener("afterprint", () => redraw(false));
  document.documentElement.dataset.ready = "yes";
})();
