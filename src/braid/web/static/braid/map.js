// Lets a ground be moved and enlarged. The page is whole without it: the same ground is drawn and in a table.
const frame = document.querySelector("[data-outlines]");

const button = (words, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "govuk-button govuk-button--secondary govuk-!-margin-right-2 govuk-!-margin-bottom-2";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
};

const bounds = (features) => {
  const points = features.flatMap((one) => one.geometry.coordinates.flat(2));
  const of = (axis) => points.map((point) => point[axis]);
  return [[Math.min(...of(0)), Math.min(...of(1))], [Math.max(...of(0)), Math.max(...of(1))]];
};

const say = (words) => {
  const told = document.createElement("p");
  told.className = "govuk-body";
  told.setAttribute("role", "status");
  told.textContent = words;
  frame.replaceChildren(told);
};

const open = async () => {
  const { Map, Marker, setWorkerUrl } = await import("./maplibre/maplibre-gl.mjs");
  setWorkerUrl(new URL("./maplibre/maplibre-gl-worker.mjs", import.meta.url).href);
  const outlines = JSON.parse(frame.dataset.outlines);
  const collection = (features) => ({ type: "geojson", data: { type: "FeatureCollection", features } });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const whole = bounds(outlines.districts);
  const canvas = document.createElement("div");
  canvas.className = "app-map";
  const controls = document.createElement("div");
  frame.replaceChildren(controls, canvas);
  const map = new Map({
    container: canvas,
    attributionControl: false,
    bounds: whole,
    fitBoundsOptions: { padding: 12 },
    dragRotate: false,
    fadeDuration: still ? 0 : 300,
    locale: { "Map.Title": frame.dataset.title },
    style: {
      version: 8,
      sources: { districts: collection(outlines.districts), ground: collection(outlines.ground) },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": "#ffffff" } },
        { id: "ground", type: "fill", source: "ground", paint: { "fill-color": "#6baed6" } },
        { id: "bound", type: "line", source: "ground", paint: { "line-color": "#08519c", "line-width": 4 } },
        { id: "districts", type: "line", source: "districts", paint: { "line-color": "#0b0c0c", "line-width": 1.5 } },
      ],
    },
  });
  map.touchZoomRotate.disableRotation();
  for (const one of outlines.districts) {
    const name = document.createElement("span");
    name.className = "app-map__name";
    name.textContent = one.properties.name;
    new Marker({ element: name }).setLngLat(one.properties.middle).addTo(map);
  }
  controls.append(
    button("Enlarge", () => map.zoomIn({ animate: !still })),
    button("Reduce", () => map.zoomOut({ animate: !still })),
    button("Whole place", () => map.fitBounds(whole, { padding: 12, animate: !still })),
  );
  controls.firstChild.focus();
  map.once("idle", () => frame.setAttribute("data-drawn", ""));
};

if (frame) {
  frame.hidden = false;
  const failed = () => say("This browser cannot move the map. The drawing and the table show the same ground.");
  frame.append(button("Move and enlarge the map", () => open().catch(failed)));
}
