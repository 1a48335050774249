import { createInterface } from "node:readline";
import { measure } from "./measure.ts";
import { SUITES } from "./suites/index.ts";

/**
 * `node run-suite.js SUITE ARGUMENT...`: says what its cases are, then reads the name of a case a line, times it and writes
 * the seconds of its runs. A case is checked before it is timed for the first time. `case-process.ts` is the other end.
 */
const [name = "", ...args] = process.argv.slice(2);
const start = await SUITES.get(name)?.();
const suite = await start?.(args);
if (suite === undefined) throw new Error(`bench: no suite ${name}`);
const say = (message: object): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};
say({
  cases: suite.cases.map((each) => ({ name: each.name, flows: each.flows })),
  versions: suite.versions ?? {},
  skipped: suite.skipped ?? [],
});
const checked = new Set<string>();
for await (const line of createInterface(process.stdin)) {
  const benchCase = suite.cases.find((each) => each.name === line);
  if (benchCase === undefined) throw new Error(`bench: suite ${name} has no case ${line}`);
  if (!checked.has(line)) await benchCase.check();
  checked.add(line);
  say({ seconds: await measure(benchCase) });
}
await suite.close();
