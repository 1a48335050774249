/*
 * Tries inputs that it is told by number, one after the other, and says of each what came of it. It may hang, grow or crash:
 * its parent watches it, and starts another.
 */
import { mkdirSync } from "node:fs";
import { announced, type Doors, openDoors } from "./doors.ts";
import { type Answer, type InputKind, seenBy, tryInput, tryOriginals } from "./input-kinds.ts";
import { readOriginals } from "./inputs.ts";
import { choicesFor } from "./seeded-choices.ts";

/** Inputs of one kind. */
export interface InputOrder {
  readonly seed: number;
  readonly kind: InputKind;
  readonly numbers: readonly number[];
  /** Where the originals are. */
  readonly originals: string;
  /** A folder of the child's own. */
  readonly folder: string;
}

export type ChildMessage =
  | { readonly begun: number }
  | { readonly door: keyof Doors }
  | { readonly ended: number; readonly outcome: Answer | "bug"; readonly problem?: string };

let current = -1;

process.on("uncaughtException", (error) =>
  say({ ended: current, outcome: "bug", problem: `later: ${textOf(error)}` }),
);
process.once("message", (order: InputOrder) => {
  work(order).catch((error: unknown) => {
    say({ ended: current, outcome: "bug", problem: `before any input: ${textOf(error)}` });
    process.disconnect();
  });
});
process.on("disconnect", () => process.exit());

async function work({ seed, kind, numbers, originals: place, folder }: InputOrder): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const originals = readOriginals(place);
  const doors = {
    alone: await openDoors(originals.models.alone, folder),
    inContext: await openDoors(originals.models.inContext, folder),
  };
  if (numbers[0] === 0) {
    await tryOriginals(originals, doors.alone, "alone");
    await tryOriginals(originals, doors.inContext, "inContext");
  }
  for (const number of numbers) {
    current = number;
    say({ begun: number });
    try {
      const seen = seenBy(number);
      const watched = announced(doors[seen], (door) => say({ door }));
      const outcome = await tryInput(kind, originals, seen, watched, choicesFor(seed, kind, number));
      say({ ended: number, outcome });
    } catch (error) {
      say({ ended: number, outcome: "bug", problem: textOf(error) });
    }
  }
  process.disconnect();
}

function say(message: ChildMessage): void {
  process.send?.(message);
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.slice(0, 600);
}
