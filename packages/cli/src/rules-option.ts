import type { Options } from "yargs";

export const RULES_OPTION: Options = {
  requiresArg: true,
  type: "string",
  describe: 'File of rules that take alarms away or mark them; the README\'s "oddflow rules" says more',
};
