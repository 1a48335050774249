/** The bundled programs that run in processes or threads of their own. */
type BundledProgram = "score-worker" | "fetch-process" | "serving-thread" | "piece-thread" | "record-thread";

/** Where one is: it is found from the sources, from what is built of them, and from the bundle, which all stand beside the latter. */
export function bundledProgram(name: BundledProgram): URL {
  return new URL(`../bundle/${name}.js`, import.meta.url);
}
