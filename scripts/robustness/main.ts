/**
 * Kills commands, disturbs them, damages what they read and loads the service; says what came of it, in counts. `pnpm check:robustness` is a short form; README.md has the long one. Exits with 1 when anything was lost.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runDisturbances } from "./disturbance-runs.ts";
import { makeDisturbedInputs } from "./disturbed-commands.ts";
import { runHangUps } from "./hang-ups.ts";
import { makeOriginals, modelPath } from "./inputs.ts";
import { runKills } from "./kill-runs.ts";
import { runMutations } from "./mutation-runs.ts";
import { readOptions } from "./options.ts";
import { writeResults } from "./results.ts";
import { soakPipe, soakService } from "./soak.ts";

const options = readOptions(process.argv.slice(2));
const { seed } = options;
const began = performance.now();
const until = options.minutes === undefined ? Number.POSITIVE_INFINITY : began + options.minutes * 60_000;
const folder = mkdtempSync(join(tmpdir(), "oddflow-robustness-"));
let faults = 0;
const onFault = (fault: string): void => {
  faults++;
  console.log(`  FAULT  ${fault}`);
};
try {
  const counts: Record<string, object> = {};
  const take = async (name: string, isWanted: boolean, run: () => Promise<object>): Promise<void> => {
    if (!isWanted) return;
    console.log(name);
    counts[name] = await run();
    console.log(`  ${JSON.stringify(counts[name])}`);
  };
  const originals = join(folder, "originals");
  await makeOriginals(originals);
  const lines = readFileSync(join(originals, "flows.ndjson"), "utf8");
  const { kills, disturbances, hangUps, mutations, children, replay, soakMinutes, pipeLines } = options;
  await take("kills", kills > 0, () => runKills({ seed, count: kills, children, folder, until, onFault }));
  await take("disturbances", disturbances.length > 0, async () => {
    const inputs = await makeDisturbedInputs(
      join(folder, "disturbed"),
      readFileSync(modelPath(originals, "alone")),
    );
    return runDisturbances({ seed, numbers: disturbances, inputs, children, folder, until, onFault });
  });
  await take("hang-ups", hangUps > 0, () =>
    runHangUps({
      seed,
      count: hangUps,
      folder,
      otherModel: modelPath(originals, "alone"),
      lines,
      until,
      onFault,
    }),
  );
  await take("mutations", mutations > 0 || replay !== undefined, () =>
    runMutations({ seed, count: mutations, children, replay, originals, folder, until, onFault }),
  );
  await take("soak, serve", soakMinutes > 0, () => soakService(soakMinutes, lines, onFault));
  await take("soak, pipe", pipeLines > 0, () => soakPipe(pipeLines, lines, onFault));
  const seconds = Math.round((performance.now() - began) / 1000);
  if (options.write) console.log(writeResults(seed, seconds, { ...counts, faults }));
  console.log(
    faults === 0
      ? `robustness: nothing was lost, ${seconds} s`
      : `robustness: ${faults} faults, ${seconds} s`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = faults === 0 ? 0 : 1;
