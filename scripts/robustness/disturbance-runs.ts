import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { FinishedCommand } from "./commands.ts";
import { DISTURBANCES, type Disturbance, type DisturbedRun } from "./disturbances.ts";
import { DISTURBED_COMMANDS, type DisturbedCommand, type DisturbedInputs } from "./disturbed-commands.ts";
import { DisturbedPlace } from "./disturbed-place.ts";
import { lookForOrphans } from "./processes.ts";
import { choicesFor } from "./seeded-choices.ts";

const OLD = "what was here before";

/** Beyond what a machine under load needs for the longest of the commands. */
const MOST_SECONDS = 120;

/** As README.md says it: a line that begins with the program's name. */
const REFUSAL = /^(oddflow|score-batch): [^\n]+\n$/;
const REFUSED = 3;

export interface DisturbanceCounts {
  runs: number;
  /** Disturbances that came before the command had ended by itself, or were there from the start. */
  whileRunning: number;
  /** Refused in one line, with the status for it, and with nothing changed or left. */
  refused: number;
  /** Done as if nothing had happened. */
  doneAsBefore: number;
  /** Done as a command does that begins after the disturbance. */
  doneAsAfter: number;
}

export interface DisturbanceOptions {
  readonly seed: number;
  /** Which of them: a number is always the same command, disturbance and choices. */
  readonly numbers: readonly number[];
  readonly inputs: DisturbedInputs;
  readonly folder: string;
  readonly until: number;
  /** How many commands at a time. */
  readonly children: number;
  readonly onFault: (fault: string) => void;
}

/** Disturbs commands at random moments, and looks at what comes of it and is left. */
export async function runDisturbances(
  options: DisturbanceOptions,
): Promise<Record<string, DisturbanceCounts>> {
  const { children, until } = options;
  const counts: Record<string, DisturbanceCounts> = {};
  const pairs = listPairs();
  const undisturbed = new Map<string, Promise<Undisturbed>>();
  const numbers = [...options.numbers];
  const work = async (child: number): Promise<void> => {
    const place = join(options.folder, `disturbed-${child}`);
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      if (performance.now() > until) return;
      const { command, disturbance } = pairs[number % pairs.length] as Pair;
      const own = new DisturbedPlace(place, options.inputs, command);
      const usual = undisturbed.get(command.name) ?? runAlone(own);
      undisturbed.set(command.name, usual);
      const found = counts[disturbance.name] ?? noCounts();
      counts[disturbance.name] = found;
      const fault = (what: string): void =>
        options.onFault(
          `--replay disturbance:${number} --seed ${options.seed} (${disturbance.name}; ${command.name}): ${what}`,
        );
      await disturb(own, disturbance, {
        number,
        seed: options.seed,
        usual: await usual,
        counts: found,
        fault,
      });
    }
  };
  await Promise.all(Array.from({ length: children }, (_, child) => work(child)));
  return counts;
}

interface Pair {
  readonly command: DisturbedCommand;
  readonly disturbance: Disturbance;
}

/** All that fit, in rounds with each disturbance once, of another command in each round. */
function listPairs(): readonly Pair[] {
  const lists = DISTURBANCES.map((disturbance, place) => {
    const fitting = DISTURBED_COMMANDS.filter((command) => disturbance.isFor(command));
    return fitting.map((_, round) => ({
      command: fitting[(place + round) % fitting.length] as DisturbedCommand,
      disturbance,
    }));
  });
  const rounds = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) => lists.flatMap((list) => list[round] ?? [])).flat();
}

function noCounts(): DisturbanceCounts {
  return { runs: 0, whileRunning: 0, refused: 0, doneAsBefore: 0, doneAsAfter: 0 };
}

/** What a command gives that nobody disturbs. */
interface Undisturbed {
  readonly seconds: number;
  readonly printed: string;
  readonly output: Buffer | undefined;
}

interface Watched {
  readonly number: number;
  readonly seed: number;
  readonly usual: Undisturbed;
  readonly counts: DisturbanceCounts;
  readonly fault: (what: string) => void;
}

async function runAlone(place: DisturbedPlace): Promise<Undisturbed> {
  place.begin();
  const { code, seconds, stdout, stderr } = await place.run({}).ended;
  if (code !== 0) throw new Error(`${place.command.name} ended with ${code}: ${stderr}`);
  return { seconds, printed: stdout, output: place.readOutput() };
}

async function disturb(place: DisturbedPlace, disturbance: Disturbance, watched: Watched): Promise<void> {
  const { usual, counts, fault, number, seed } = watched;
  const choices = choicesFor(seed, `${disturbance.name} ${place.command.name}`, number);
  place.begin();
  const run: DisturbedRun = { place, outputBytes: usual.output?.length ?? 0, choices };
  const surroundings = disturbance.prepare?.(run) ?? {};
  try {
    if (place.command.output !== undefined) writeFileSync(place.pathOf(place.command.output), OLD);
    disturbance.seal?.(run);
    counts.runs++;
    const running = place.run(surroundings);
    let isRunning = true;
    if (disturbance.act !== undefined) {
      await Promise.race([pause(usual.seconds * choices.below(1000)), running.ended]);
      isRunning = running.kill("SIGCONT", false);
      await disturbance.act(run);
    }
    if (isRunning) counts.whileRunning++;
    const ended = await Promise.race([running.ended, pause(MOST_SECONDS * 1000, undefined, { ref: false })]);
    if (ended === undefined) {
      fault(`HANG, still there after ${MOST_SECONDS} s`);
      running.kill("SIGKILL", true);
      await running.ended;
    } else await look(place, disturbance, ended, watched);
    await lookForOrphans(running.pid, fault);
    const left = place.leftFiles();
    if (left.length > 0) fault(`left ${left.join(", ")}`);
  } finally {
    disturbance.restore?.(run);
  }
}

async function look(
  place: DisturbedPlace,
  disturbance: Disturbance,
  ended: FinishedCommand,
  { usual, counts, fault }: Watched,
): Promise<void> {
  const { code, signal, stderr, stdout } = ended;
  const said = `exit ${signal ?? code}, ${stderr.slice(0, 400)}`;
  const output = place.readOutput();
  const isOld = place.command.output === undefined || output === undefined || output.equals(Buffer.from(OLD));
  if (code === REFUSED && disturbance.outcome !== "done") {
    counts.refused++;
    if (!REFUSAL.test(stderr)) fault(`is not refused in one line: ${said}`);
    const isNew = disturbance.losesPrint === true && isSame(output, usual.output);
    if (!isOld && !isNew) fault(`was refused, and its output is another: ${said}`);
    if (place.command.prints && place.command.piped === undefined && stdout !== "") {
      fault(`was refused, and printed ${stdout.slice(0, 100)}`);
    }
    return;
  }
  if (code !== 0 || disturbance.outcome === "refused") {
    fault(said);
    return;
  }
  const printsAs = (printed: string): boolean =>
    !place.command.prints || disturbance.losesPrint === true || stdout === printed;
  const hasOutput = output !== undefined || existsSync(place.outputs);
  if (printsAs(usual.printed) && (isSame(output, usual.output) || !hasOutput)) {
    counts.doneAsBefore++;
    return;
  }
  const after = await place.run({}).ended;
  if (after.code === 0 && printsAs(after.stdout) && isSame(place.readOutput(), output)) counts.doneAsAfter++;
  else
    fault(
      `its result is neither that of before nor that of after the disturbance (exit ${after.code} after it): ${said}`,
    );
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
