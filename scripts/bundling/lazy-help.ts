import type { Plugin } from "rolldown";

/** What yargs lays its help out with, by the names that it imports. */
const LAYOUT: ReadonlySet<string> = new Set(["cliui", "string-width"]);

const LAZY = "\0lazy:";

/**
 * Loads the layout of yargs' help when there is help to lay out. Both make tables of all emoji while they are read, a twentieth of the
 * processor time of a short run.
 */
export const lazyHelp: Plugin = {
  name: "lazy-help",
  async resolveId(source, importer) {
    if (!LAYOUT.has(source) || !importer?.includes("/yargs/lib/platform-shims/")) return undefined;
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    if (resolved === null) throw new Error(`bundle: yargs' ${source} is not found`);
    return LAZY + resolved.id;
  },
  load(id) {
    if (!id.startsWith(LAZY)) return undefined;
    const path = JSON.stringify(id.slice(LAZY.length));
    // One gives its function itself to those who require it.
    return `export default (...given) => { const whole = require(${path}); return (whole.default ?? whole)(...given); };`;
  },
};
