import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type FinishedCommand, runCommand } from "./commands.ts";
import { isWhole, type KillScenario, listKillScenarios, makeKillInputs } from "./kill-scenarios.ts";
import { lookForOrphans } from "./processes.ts";
import { type Choices, choicesFor } from "./seeded-choices.ts";

const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT"] as const;
const OLD = "what was here before";

/** After how many kills a run is left alone: it must clear up after all of them. */
const KILLS_A_RERUN = 12;

/** Beyond what a machine under load needs to end a process. */
const MOST_SECONDS_TO_END = 30;

export interface KillCounts {
  kills: number;
  /** Kills that came before the command had ended by itself. */
  whileRunning: number;
  toTheGroup: number;
  oldOutputs: number;
  newOutputs: number;
  /** Temporary files that kills with SIGKILL left, and that the next undisturbed run removed. */
  leftByKills: number;
  rerunsAlike: number;
  slowestEndSeconds: number;
}

export interface KillOptions {
  readonly seed: number;
  readonly count: number;
  readonly folder: string;
  readonly until: number;
  readonly children: number;
  readonly onFault: (fault: string) => void;
}

/** Kills commands at random moments, and looks at what is left. */
export async function runKills(options: KillOptions): Promise<Record<string, KillCounts>> {
  const { seed, count, folder, until, children, onFault } = options;
  const inputs = makeKillInputs(folder);
  const counts: Record<string, KillCounts> = {};
  const waiting = listKillScenarios(inputs, folder).map((_, place, all) => {
    const own = join(folder, `kills-${place}`);
    const scenario = listKillScenarios(inputs, own)[place] as KillScenario;
    const fault = (what: string): void => onFault(`${scenario.name} ${what} --seed ${seed}`);
    const runs = new KillRuns(scenario, own, seed, fault);
    counts[scenario.name] = runs.counts;
    return { runs, rest: Math.ceil((count - place) / all.length) };
  });
  // The commands take turns, so that a run that is cut short has killed all of them.
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const kills = Math.min(next.rest, KILLS_A_RERUN);
      if (kills <= 0 || performance.now() > until) continue;
      await next.runs.run(kills);
      waiting.push({ runs: next.runs, rest: next.rest - kills });
    }
  };
  await Promise.all(Array.from({ length: children }, work));
  return counts;
}

/** The kills of one command. */
class KillRuns {
  readonly #scenario: KillScenario;
  readonly #folder: string;
  readonly #seed: number;
  readonly #onFault: (fault: string) => void;
  #reference: Reference | undefined;
  readonly counts: KillCounts = {
    ...{ kills: 0, whileRunning: 0, toTheGroup: 0, oldOutputs: 0, newOutputs: 0 },
    ...{ leftByKills: 0, rerunsAlike: 0, slowestEndSeconds: 0 },
  };

  constructor(scenario: KillScenario, folder: string, seed: number, onFault: (fault: string) => void) {
    this.#scenario = scenario;
    this.#folder = folder;
    this.#seed = seed;
    this.#onFault = onFault;
  }

  /** Further kills, and then a run that is left alone. */
  async run(kills: number): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    this.#reference ??= await this.#runAlone();
    for (let kill = 0; kill < kills; kill++) await this.#kill(this.counts.kills, this.#reference);
    await this.#rerun(this.counts.kills - 1, this.#reference);
  }

  async #runAlone(): Promise<Reference> {
    const { code, seconds, stderr } = await runCommand(this.#scenario.command).ended;
    if (code !== 0) throw new Error(`${this.#scenario.name} ended with ${code}: ${stderr}`);
    return { seconds, outputs: this.#scenario.outputs.map((name) => this.#read(name)) };
  }

  async #kill(kill: number, { seconds, outputs }: Reference): Promise<void> {
    const choices: Choices = choicesFor(this.#seed, this.#scenario.name, kill);
    const signal = choices.of(SIGNALS);
    const toGroup = choices.below(2) === 0;
    const delay = (seconds * 1050 * choices.below(1000)) / 1000;
    for (const name of this.#scenario.outputs) writeFileSync(join(this.#folder, name), OLD);
    const before = this.#temporaries();
    const command = runCommand(this.#scenario.command);
    await Promise.race([pause(delay), command.ended]);
    const isRunning = command.kill(signal, toGroup);
    const killed = performance.now();
    const ended = await Promise.race([
      command.ended,
      pause(MOST_SECONDS_TO_END * 1000, undefined, { ref: false }),
    ]);
    const what = `kill ${kill} (${signal}${toGroup ? " to the group" : ""} after ${Math.round(delay)} ms)`;
    this.counts.kills++;
    if (isRunning) this.counts.whileRunning++;
    if (toGroup) this.counts.toTheGroup++;
    if (ended === undefined) {
      this.#onFault(`${what}: HANG, still there after ${MOST_SECONDS_TO_END} s`);
      command.kill("SIGKILL", true);
      await command.ended;
    } else {
      const took = (performance.now() - killed) / 1000;
      this.counts.slowestEndSeconds = Math.max(this.counts.slowestEndSeconds, Math.round(took * 10) / 10);
      this.#look(what, ended);
    }
    await lookForOrphans(command.pid, (problem) => this.#onFault(`${what}: ${problem}`));
    await this.#lookAtOutputs(what, outputs);
    const left = this.#temporaries().filter((name) => !before.includes(name));
    if (signal === "SIGKILL") this.counts.leftByKills += left.length;
    else if (left.length > 0) this.#onFault(`${what}: left ${left.join(", ")}`);
  }

  #look(what: string, { stderr }: FinishedCommand): void {
    if (/this is a bug|^\s+at /m.test(stderr)) this.#onFault(`${what}: ${stderr.slice(0, 400)}`);
  }

  async #lookAtOutputs(what: string, expected: readonly Buffer[]): Promise<void> {
    for (const [place, name] of this.#scenario.outputs.entries()) {
      const found = this.#read(name);
      const isNew = expected[place]?.equals(found) === true;
      if (found.equals(Buffer.from(OLD))) this.counts.oldOutputs++;
      else if (isNew || (this.#scenario.keepsWhatIsReached && (await isWhole(join(this.#folder, name))))) {
        this.counts.newOutputs++;
      } else this.#onFault(`${what}: ${name} is neither the old one nor the new, ${found.length} bytes`);
    }
  }

  /** A run that is left alone gives what the first gave, and removes what those before it left. */
  async #rerun(kill: number, { outputs }: Reference): Promise<void> {
    const again = await this.#runAlone();
    const isAlike = again.outputs.every((output, place) => outputs[place]?.equals(output));
    if (isAlike) this.counts.rerunsAlike++;
    else this.#onFault(`after kill ${kill}: a run that was left alone gave other bytes`);
    const left = this.#temporaries();
    if (left.length > 0) {
      this.#onFault(`after kill ${kill}: the next run left ${left.join(", ")}`);
      for (const name of left) rmSync(join(this.#folder, name), { recursive: true });
    }
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }

  #temporaries(): string[] {
    return readdirSync(this.#folder).filter((name) => !this.#scenario.outputs.includes(name));
  }
}

/** A run that nobody disturbed. */
interface Reference {
  readonly seconds: number;
  readonly outputs: readonly Buffer[];
}
