// Writes the style sheet and the drawing of maps into the package, each with its version and licence beside it.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { compile } from "sass";

const target = new URL("../src/braid/web/static/braid/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("node_modules/govuk-frontend/package.json", import.meta.url)));
const { css } = compile("scss/braid.scss", { loadPaths: ["node_modules"], style: "compressed", quietDeps: true });

mkdirSync(target, { recursive: true });
const licence = "/*! Contains govuk-frontend " + version + ", MIT licence, see govuk-frontend-licence.txt */\n";
writeFileSync(new URL("braid.css", target), licence + css.replace("\uFEFF", "") + "\n");
writeFileSync(new URL("govuk-frontend-version.txt", target), version + "\n");
for (const forbidden of ["GDS Transport", "crown", "fonts/"]) {
  if (css.includes(forbidden)) throw new Error("the style sheet must not carry: " + forbidden);
}

// The drawing of maps: as its makers build it, without the map of the source, which names files that are not there.
const drawing = new URL("node_modules/maplibre-gl/", import.meta.url);
const maps = new URL("maplibre/", target);
mkdirSync(maps, { recursive: true });
for (const name of ["maplibre-gl.mjs", "maplibre-gl-worker.mjs"]) {
  const code = readFileSync(new URL(`dist/${name}`, drawing), "utf8");
  writeFileSync(new URL(name, maps), code.replace(/^\/\/# sourceMappingURL=.*$/m, ""));
}
copyFileSync(new URL("LICENSE.txt", drawing), new URL("licence.txt", maps));
writeFileSync(new URL("version.txt", maps), JSON.parse(readFileSync(new URL("package.json", drawing))).version + "\n");
