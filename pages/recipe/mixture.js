// The mixture in the plane, drawn where the slider is: it follows the thumb without asking the server.
// data: see edc_core.figures.miniatures.mixture.scene
const SVG = "http://www.w3.org/2000/svg";
const INK = [0, 114, 178];

function density(canvas, scene, alpha) {
  const side = scene.side, picture = new ImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    const row = side - 1 - Math.floor(i / side), at = row * side + (i % side);
    const value = (alpha * scene.whole[at] + (1 - alpha) * scene.by_class[at]) / scene.top;
    picture.data.set([...INK, 235 * Math.min(1, Math.pow(value, 0.7))], 4 * i);
  }
  canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

function mark(svg, kind, attributes) {
  const element = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  svg.append(element);
}

function classes(svg, scene, alpha) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `${-scene.view} ${-scene.view} ${2 * scene.view} ${2 * scene.view}`);
  for (const one of scene.classes) {
    const [x, y] = [one.mean[0], -one.mean[1]];
    const [u, v] = [alpha * scene.centre[0] + (1 - alpha) * x, -alpha * scene.centre[1] + (1 - alpha) * y];
    const [rx, ry] = one.spread.map((value) => 1.6 * value);
    mark(svg, "ellipse", { cx: x, cy: y, rx, ry, class: "real" });
    mark(svg, "line", { x1: x, y1: y, x2: u, y2: v, stroke: one.colour, "stroke-width": 0.05 });
    mark(svg, "path", { d: `M${x - 0.11},${y - 0.11}l.22,.22m0,-.22l-.22,.22`, stroke: one.colour, "stroke-width": 0.08 });
    mark(svg, "circle", { cx: u, cy: v, r: 0.16, fill: one.colour });
  }
}

function draw(parent, scene, alpha) {
  density(parent.querySelector("canvas"), scene, alpha);
  classes(parent.querySelector("svg"), scene, alpha);
  const row = scene.readings[Math.round(alpha * (scene.readings.length - 1))];
  parent.querySelector("dl").innerHTML = scene.names
    .map((name, i) => `<div title="${scene.hints[i]}"><dt>${name}</dt><dd>${row[i]}</dd></div>`).join("");
}

export default ({ data, parentElement }) => {
  draw(parentElement, data, data.alpha);
  const slider = document.querySelector(`[class*="${data.slider}"]`);
  if (!slider) return;
  const follow = () => {
    const thumb = slider.querySelector("input[type=range], [role=slider]");
    const alpha = thumb && parseFloat(thumb.value ?? thumb.getAttribute("aria-valuenow"));
    if (alpha >= 0 && alpha <= 1) draw(parentElement, data, alpha);
  };
  const watcher = new MutationObserver(follow);
  watcher.observe(slider, { attributes: true, childList: true, characterData: true, subtree: true });
  slider.addEventListener("input", follow);
  return () => { watcher.disconnect(); slider.removeEventListener("input", follow); };
};
