// Writes the style sheet into the package, with the version and licence of the design system beside it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
