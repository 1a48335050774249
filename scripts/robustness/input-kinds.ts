import type { Doors } from "./doors.ts";
import type { Originals, Seen } from "./inputs.ts";
import { mutateModel } from "./model-mutations.ts";
import { mutateParquet } from "./parquet-mutations.ts";
import { mutateRequest } from "./request-mutations.ts";
import type { Choices } from "./seeded-choices.ts";
import { mutateText } from "./text-mutations.ts";

/** Kinds of inputs, and which share of all inputs is of each, in percent. */
export const INPUT_SHARES = { parquet: 16, csv: 16, ndjson: 16, zeek: 12, model: 15, http: 25 } as const;

export type InputKind = keyof typeof INPUT_SHARES;

export const INPUT_KINDS: readonly InputKind[] = Object.keys(INPUT_SHARES) as InputKind[];

/** One of so many inputs is for the model that sees flows in their context, which takes longer. */
const IN_CONTEXT = 4;

/** Which model an input is for. */
export function seenBy(number: number): Seen {
  return number % IN_CONTEXT === IN_CONTEXT - 1 ? "inContext" : "alone";
}

/** What a door said. */
export type Answer = "scored" | "refused";

/**
 * Makes an input and puts it through all doors of its kind.
 * @returns "scored" where any door did
 * @throws what is no refusal
 */
export async function tryInput(
  kind: InputKind,
  originals: Originals,
  seen: Seen,
  doors: Doors,
  choices: Choices,
): Promise<Answer> {
  switch (kind) {
    case "parquet": {
      const bytes = mutateParquet(choices.of(originals.parquet), choices);
      return through(
        () => doors.table(bytes, "flows.parquet"),
        () => doors.page(bytes, "flows.parquet"),
      );
    }
    case "csv": {
      const bytes = mutateText(originals.csv, choices);
      return through(
        () => doors.table(bytes, "flows.csv"),
        () => doors.page(bytes, "flows.csv"),
      );
    }
    case "ndjson": {
      const bytes = mutateText(originals.ndjson, choices);
      return through(
        () => doors.table(bytes, "flows.ndjson"),
        () => doors.page(bytes, "flows.ndjson"),
        () => doors.pipe(bytes),
      );
    }
    case "zeek": {
      const bytes = mutateText(originals.zeek, choices);
      return through(() => doors.page(bytes, "conn.log"));
    }
    case "model": {
      const model = mutateModel(originals.models[seen], choices);
      return through(() => doors.model(model));
    }
    case "http": {
      return doors.service(mutateRequest(originals, choices));
    }
  }
}

/** Sees that every door takes the originals: otherwise nothing of what is behind the doors would be tried. */
export async function tryOriginals(originals: Originals, doors: Doors, seen: Seen): Promise<void> {
  const { parquet, csv, ndjson, json, zeek, models } = originals;
  for (const bytes of parquet) {
    await doors.table(bytes, "flows.parquet");
    await doors.page(bytes, "flows.parquet");
  }
  await doors.table(csv, "flows.csv");
  await doors.page(csv, "flows.csv");
  await doors.table(ndjson, "flows.ndjson");
  await doors.page(ndjson, "flows.ndjson");
  await doors.pipe(ndjson);
  await doors.page(zeek, "conn.log");
  await doors.model({ bytes: models[seen], isSealed: false });
  for (const [type, body] of [
    ["text/csv", csv],
    ["application/x-ndjson", ndjson],
    ["application/json", json],
  ] as const) {
    const request = new Request("http://127.0.0.1/score", {
      method: "POST",
      headers: { "content-type": type },
      body: Buffer.from(body),
    });
    if ((await doors.service(request)) === "refused")
      throw new Error(`the service refuses the original ${type}`);
  }
}

async function through(...doors: (() => Promise<void>)[]): Promise<Answer> {
  let answer: Answer = "refused";
  for (const door of doors) {
    try {
      await door();
      answer = "scored";
    } catch (error) {
      // The doors bring classes of their own along: a refusal is known by its name and code.
      const isRefusal = error instanceof Error && error.name === "OddflowError" && "code" in error;
      if (!isRefusal) throw error;
    }
  }
  return answer;
}
