import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";
import { NOTICES_FILE, ThirdPartyNotices } from "../../scripts/bundling/third-party-notices.ts";
import { PALETTE } from "../report/src/palette.ts";

const PALETTE_SHEET = "virtual:oddflow-palette.css";

const fixture = (name: string): Buffer => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

/** What lies beside the page under a name of its own: a server may put another model in the shipped one's place. */
const besidePage: Readonly<Record<string, () => string | Uint8Array>> = {
  "model.onnx": () => fixture("unsw-nb15.onnx"),
  "sample-flows.parquet": () => fixture("flows.parquet"),
  // What is in the WebAssembly.
  "onnxruntime-notices.txt": () =>
    readFileSync(new URL("../onnxruntime-web/ThirdPartyNotices.txt", import.meta.url)),
  "workbench.json": () => JSON.stringify({ model: { name: "unsw-nb15.onnx", isShipped: true } }),
};

/** Of the page and of its worker, whose build comes first. */
const notices = new ThirdPartyNotices();

/** The report's colours as a style sheet, and the files beside the page. */
function oddflowPage(): Plugin {
  return {
    name: "oddflow-page",
    resolveId: (id) => (id === PALETTE_SHEET ? `\0${id}` : undefined),
    load: (id) => (id === `\0${PALETTE_SHEET}` ? PALETTE : undefined),
    generateBundle() {
      for (const [fileName, source] of Object.entries(besidePage)) {
        this.emitFile({ type: "asset", fileName, source: source() });
      }
    },
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        const source = besidePage[(request.url ?? "").slice(1)];
        if (source === undefined) next();
        else response.end(source());
      });
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  // The packages' sources, so that nothing has to be built before the page.
  resolve: { conditions: ["@oddflow/source", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [oddflowPage(), notices.plugin((emit) => emit(NOTICES_FILE, `${notices.text}\n`))],
  worker: { format: "es", plugins: () => [notices.plugin()] },
  build: {
    outDir: "dist/page",
    emptyOutDir: true,
    target: "esnext",
    modulePreload: false,
    // The policy takes no inline data, and the WebAssembly is large by its nature.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
