import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { createScoringService, type ScoringService } from "@oddflow/edge-service";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { createScoredTableWriter, openTable } from "@oddflow/tables";
import type { MutatedModel } from "./model-mutations.ts";
import { fromRoot } from "./places.ts";

/** The page's readers, and what makes a model's input of what they read, bundled. */
const PAGE_READERS = "scripts/dist/robustness/page/index.js";
const PAGE_ENCODING = "scripts/dist/robustness/page/encode-columns.js";
const PIPE = "packages/cli/dist/score-stream.js";
const LONGEST_ANSWER = 400;

/** Everything that reads what others made, as programs call it. What it refuses it throws. */
export interface Doors {
  /** Scores a table's file into a table. */
  table(bytes: Uint8Array, name: string): Promise<void>;
  /** Reads a file and makes a model's input of it as the page does. */
  page(bytes: Uint8Array, name: string): Promise<void>;
  /** Scores JSON lines. */
  pipe(bytes: Uint8Array): Promise<void>;
  /** Answers a request; a refusal is a problem and no throw. */
  service(request: Request): Promise<"scored" | "refused">;
  /** Opens a model and scores what the original scored. */
  model(model: MutatedModel): Promise<void>;
}

/** The same doors, each of which says its name before it is tried. */
export function announced(doors: Doors, onDoor: (door: keyof Doors) => void): Doors {
  const through = <T>(door: keyof Doors, tried: () => Promise<T>): Promise<T> => {
    onDoor(door);
    return tried();
  };
  return {
    table: (bytes, name) => through("table", () => doors.table(bytes, name)),
    page: (bytes, name) => through("page", () => doors.page(bytes, name)),
    pipe: (bytes) => through("pipe", () => doors.pipe(bytes)),
    service: (request) => through("service", () => doors.service(request)),
    model: (model) => through("model", () => doors.model(model)),
  };
}

interface PageTable {
  readonly rows: number;
}

interface PageReaders {
  readTable(file: Blob, name: string, onProgress: () => void): Promise<PageTable>;
}

interface PageEncoding {
  encodeColumns(
    table: PageTable,
    codings: Scorer["ownColumns"],
    context: Scorer["context"],
  ): { encode(first: number, end: number, into: Float32Array): void };
}

interface Pipe {
  scoreStream(
    input: Readable,
    output: Writable,
    scorer: Scorer,
    options: { readonly threshold: number; readonly top: number; readonly fields: "all" },
  ): Promise<{ readonly flows: number }>;
}

/** @param folder for files that are read and written */
export async function openDoors(model: Uint8Array, folder: string): Promise<Doors> {
  const scorer = await createScorer(model, { provider: "cpu", threads: 1 });
  const { readTable } = (await import(fromRoot(PAGE_READERS))) as PageReaders;
  const { encodeColumns } = (await import(fromRoot(PAGE_ENCODING))) as PageEncoding;
  const { scoreStream } = (await import(fromRoot(PIPE))) as Pipe;
  const usual = Float32Array.from({ length: 4 * scorer.columns.length }, (_, k) => k % 7);
  const { scores: expected } = await scorer.score(usual);
  return {
    table: (bytes, name) => scoreTableFile(scorer, folder, bytes, name),
    async page(bytes, name) {
      const table = await readTable(new Blob([bytes as Uint8Array<ArrayBuffer>]), name, () => undefined);
      const encoded = encodeColumns(table, scorer.ownColumns, scorer.context);
      encoded.encode(0, table.rows, new Float32Array(table.rows * scorer.columns.length));
    },
    async pipe(bytes) {
      let lines = 0;
      const output = new Writable({
        write(piece: Buffer, _encoding, done) {
          for (const byte of piece) if (byte === 10) lines++;
          done();
        },
      });
      const { flows } = await scoreStream(Readable.from([bytes]), output, scorer, {
        threshold: 1,
        top: 0,
        fields: "all",
      });
      if (flows !== lines) throw new Error(`${flows} flows were scored and ${lines} lines written`);
    },
    // One a request: what came before is context of what follows, and an input is to be tried again alone.
    service: (request) => ask(createScoringService(scorer), request),
    model: (mutated) => scoreWith(mutated, usual, expected),
  };
}

async function scoreTableFile(
  scorer: Scorer,
  folder: string,
  bytes: Uint8Array,
  name: string,
): Promise<void> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const table = await openTable(path, { threads: 1 });
  try {
    const writer = await createScoredTableWriter(table, {
      path: join(folder, `scored-${name}`),
      columns: "all",
    });
    try {
      let rows = 0;
      for await (const batch of table.scan(scorer.ownColumns, { context: scorer.context })) {
        rows += batch.rows;
        writer.write({
          score: new Float32Array(batch.rows),
          isAnomaly: new Uint8Array(batch.rows),
          rarity: new Float64Array(batch.rows),
        });
      }
      if (rows !== table.rows) throw new Error(`${table.rows} rows were counted and ${rows} read`);
      await writer.finish();
    } finally {
      await writer.abort();
    }
  } finally {
    table.close();
  }
}

async function ask(service: ScoringService, request: Request): Promise<"scored" | "refused"> {
  const answer = await service.fetch(request);
  const text = await answer.text();
  if (answer.status >= 500) throw new Error(`${answer.status}: ${text.slice(0, LONGEST_ANSWER)}`);
  if (answer.status < 400) return "scored";
  const problem = JSON.parse(text) as { readonly status?: unknown; readonly detail?: unknown };
  if (problem.status !== answer.status || typeof problem.detail !== "string") {
    throw new Error(`${answer.status} is no problem document: ${text.slice(0, LONGEST_ANSWER)}`);
  }
  return "refused";
}

async function scoreWith(
  { bytes, isSealed }: MutatedModel,
  flows: Float32Array,
  expected: Float32Array,
): Promise<void> {
  const scorer = await createScorer(bytes, { provider: "cpu", threads: 1 });
  try {
    const width = scorer.columns.length;
    const { scores } = await scorer.score(flows.slice(0, flows.length - (flows.length % width)));
    const strange = scores.findIndex((score) => !Number.isFinite(score));
    if (strange >= 0) throw new Error(`the score of flow ${strange} is ${scores[strange]}`);
    // A sealed one is another model, which may well give other scores.
    if (!isSealed && !Buffer.from(scores.buffer).equals(Buffer.from(expected.buffer))) {
      throw new Error("a damaged model gives other scores");
    }
  } finally {
    await scorer.close();
  }
}
