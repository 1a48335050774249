import { measure } from "./measure.ts";
import { SUITES } from "./suites/index.ts";

/** Runs the suite that is named on the command line and sends each measurement to the parent process. */
const suite = await SUITES.get(process.argv[2] ?? "")?.();
if (suite === undefined) throw new Error(`bench: no suite ${process.argv[2]}`);
process.send?.({ title: suite.title });
for (const benchCase of suite.cases) process.send?.({ measurement: await measure(benchCase) });
await suite.close();
