import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { INPUT_KINDS, INPUT_SHARES, type InputKind } from "./input-kinds.ts";
import type { ChildMessage, InputOrder } from "./mutation-child.ts";
import { bundlePageReaders } from "./page-readers.ts";
import { residentBytes } from "./processes.ts";

const CHILD = fileURLToPath(new URL("mutation-child.js", import.meta.url));

/** What one input may take. */
const MOST_SECONDS = 20;
const MOST_BYTES = 2 * 1024 ** 3;

/** Inputs of a child: what it keeps is not to add up. */
const INPUTS_A_CHILD = 400;
const LOOK_MILLISECONDS = 100;

const OUTCOMES = ["scored", "refused", "bug", "hang", "memory", "crash"] as const;
type Outcome = (typeof OUTCOMES)[number];
export type MutationCounts = Record<Outcome, number>;

export interface MutationOptions {
  readonly seed: number;
  readonly count: number;
  /** Where `makeOriginals` wrote. */
  readonly originals: string;
  readonly folder: string;
  /** How many children at a time. */
  readonly children: number;
  /** No further inputs are begun then, in `performance.now()`'s milliseconds. */
  readonly until: number;
  /** Tries one input only. */
  readonly replay?: { readonly kind: InputKind; readonly number: number } | undefined;
  readonly onFault: (fault: string) => void;
}

/** Tries mutated inputs of all kinds; the same seed and numbers give the same inputs. */
export async function runMutations(options: MutationOptions): Promise<Record<InputKind, MutationCounts>> {
  await bundlePageReaders();
  const counts = Object.fromEntries(
    INPUT_KINDS.map((kind) => [kind, Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]))]),
  ) as Record<InputKind, MutationCounts>;
  const orders = listOrders(options);
  const onOutcome = (kind: InputKind, number: number, outcome: Outcome, problem = ""): void => {
    counts[kind][outcome]++;
    if (outcome === "scored" || outcome === "refused") return;
    options.onFault(`${outcome.toUpperCase()} --replay ${kind}:${number} --seed ${options.seed} ${problem}`);
  };
  const work = async (): Promise<void> => {
    for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
      let rest = order.numbers;
      while (rest.length > 0 && performance.now() < options.until) {
        rest = await tryInputs({ ...order, numbers: rest }, onOutcome, options.until);
      }
    }
  };
  await Promise.all(Array.from({ length: options.children }, work));
  return counts;
}

/** The kinds take turns, so that a run that is cut short has tried all of them. */
function listOrders({ seed, count, folder, originals, replay }: MutationOptions): InputOrder[] {
  const order = (kind: InputKind, numbers: readonly number[]): InputOrder => ({
    ...{ seed, kind, numbers, originals },
    folder: join(folder, `${kind}-${numbers[0]}`),
  });
  if (replay) return [order(replay.kind, [replay.number])];
  const orders: InputOrder[] = [];
  for (
    let first = 0;
    first * 100 < count * Math.max(...Object.values(INPUT_SHARES));
    first += INPUTS_A_CHILD
  ) {
    for (const kind of INPUT_KINDS) {
      const last = Math.min(first + INPUTS_A_CHILD, Math.ceil((count * INPUT_SHARES[kind]) / 100));
      const numbers = Array.from({ length: Math.max(0, last - first) }, (_, k) => first + k);
      if (numbers.length > 0) orders.push(order(kind, numbers));
    }
  }
  return orders;
}

/** @returns the numbers that are left: those behind an input that the child did not survive */
function tryInputs(
  order: InputOrder,
  onOutcome: (kind: InputKind, number: number, outcome: Outcome, problem?: string) => void,
  until: number,
): Promise<readonly number[]> {
  const child = fork(CHILD, { serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] });
  let current: { readonly number: number; readonly began: number } | undefined;
  let last = -1;
  let door = "";
  let ended: Outcome | undefined;
  const look = setInterval(() => {
    if (current !== undefined && performance.now() - current.began > MOST_SECONDS * 1000) ended ??= "hang";
    if (residentBytes(child.pid) > MOST_BYTES) ended ??= "memory";
    if (ended !== undefined || performance.now() > until + MOST_SECONDS * 1000) child.kill("SIGKILL");
  }, LOOK_MILLISECONDS);
  child.on("message", (message: ChildMessage) => {
    if ("begun" in message) {
      current = { number: message.begun, began: performance.now() };
      door = "";
      if (performance.now() > until) child.kill("SIGKILL");
      return;
    }
    if ("door" in message) {
      door = `${message.door}: `;
      return;
    }
    // What is thrown later, by something that nobody waited for, belongs to the input that it came with: once.
    if (current === undefined && message.ended === last) return;
    onOutcome(order.kind, message.ended, message.outcome, `${door}${message.problem ?? ""}`);
    last = message.ended;
    current = undefined;
  });
  child.send(order);
  return endOf(child).then(({ code, signal }) => {
    clearInterval(look);
    if (performance.now() > until) return [];
    const isWhole = current === undefined && last === order.numbers.at(-1);
    if (isWhole) return [];
    const number = current?.number ?? order.numbers.find((candidate) => candidate > last) ?? last;
    onOutcome(order.kind, number, ended ?? "crash", `${door}the process ended with ${signal ?? code}`);
    return order.numbers.filter((candidate) => candidate > number);
  });
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
}
