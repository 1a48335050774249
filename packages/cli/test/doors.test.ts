import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { createScoringService } from "@oddflow/edge-service";
import { createScorer, type Scorer } from "@oddflow/inference/node";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTable } from "../../workbench/src/reading/index.ts";
import { encodeColumns } from "../../workbench/src/scoring/encode-columns.ts";
import { scoreStream } from "../src/score-stream.ts";
import { type Answer, command } from "./in-process.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

const ROWS = 300;
const HEADER = "when,size,span,proto,label";

/** The cells of a row of usual traffic; one in ten is an attack. */
function rowOf(row: number): string[] {
  const isAttack = row % 10 === 0;
  const time = new Date(Date.UTC(2025, 0, 1) + row * 60_000).toISOString();
  const size = ((row * 7919) % 1000) + (isAttack ? 5000 : 0);
  return [time, `${size}`, `${(row * 104_729) % 77}.5`, row % 3 === 0 ? "udp" : "tcp", isAttack ? "1" : "0"];
}

/** A table with some of its rows changed. */
function table(
  change: (cells: string[], row: number) => string[] = (cells) => cells,
  header = HEADER,
): string {
  const lines = Array.from({ length: ROWS }, (_, row) => change(rowOf(row), row).join(","));
  return `${[header, ...lines].join("\n")}\n`;
}

const SMALL = ["--hidden", "8", "--latent", "2", "--epochs", "1", "--clean", "off"];
const model = at("model.onnx");
let scorer: Scorer;

beforeAll(async () => {
  process.setMaxListeners(0);
  const trained = await command("train", write("good.csv", table()), "-o", model, ...SMALL);
  expect(trained.refused, trained.said).toBe(false);
  scorer = await createScorer(readFileSync(model));
  expect(scorer.columns.map(({ name }) => name)).toEqual(["size", "span", "proto"]);
});
afterAll(() => scorer.close());

/** The doors that take files, by their names. */
const FILES: Readonly<Record<string, (paths: readonly string[]) => Promise<Answer>>> = {
  train: (paths) => command("train", ...paths, "-o", at("other.onnx"), ...SMALL),
  score: (paths) => command("score", ...paths, "-m", model, "-o", at("scored.csv"), "--threads", "1"),
  evaluate: (paths) => command("evaluate", ...paths, "-m", model),
  drift: (paths) => command("drift", model, ...paths),
  recalibrate: (paths) => command("recalibrate", model, ...paths, "-o", at("new.onnx"), "--limit", "1"),
};

/** The doors that take one file's bytes. */
const BYTES: Readonly<Record<string, (text: string) => Promise<Answer>>> = {
  async page(text) {
    try {
      const read = await readTable(new Blob([text]), "flows.csv", () => undefined);
      const encoded = encodeColumns(read, scorer.ownColumns, scorer.context);
      encoded.encode(0, read.rows, new Float32Array(read.rows * scorer.columns.length));
      const { missing, unseen } = encoded.quality;
      return { refused: false, said: JSON.stringify({ missing, unseen: [...unseen] }) };
    } catch (error) {
      return { refused: true, said: String(error) };
    }
  },
  async service(text) {
    const request = new Request("http://localhost/score", {
      method: "POST",
      body: text,
      headers: { "content-type": "text/csv", accept: "application/json" },
    });
    const service = createScoringService(scorer);
    const response = await service.fetch(request);
    const answer = await response.text();
    // Its answers are flow by flow; what it counts is in its metrics.
    const metrics = await service.fetch(new Request("http://localhost/metrics"));
    const said = `${answer}\n${await metrics.text()}`;
    return { refused: response.status !== 200 || /"rejected"/.test(said), said };
  },
  async pipe(text) {
    const [names = [], ...rows] = text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(","));
    const numbers = new Set(["size", "span", "label"]);
    const field = (name: string, cell: string): unknown =>
      numbers.has(name) && cell !== "" && Number.isFinite(Number(cell)) ? Number(cell) : cell;
    const records = rows.map((cells) =>
      JSON.stringify(Object.fromEntries(names.map((name, k) => [name, field(name, cells[k] ?? "")]))),
    );
    const output = new PassThrough();
    output.resume();
    try {
      const { missing, unseen } = await scoreStream(
        Readable.from([Buffer.from(`${records.join("\n")}\n`)]),
        output,
        scorer,
        {
          threshold: 1,
          top: 0,
          fields: "all",
        },
      );
      return { refused: false, said: JSON.stringify({ missing, unseen: [...unseen] }) };
    } catch (error) {
      return { refused: true, said: String(error) };
    }
  },
};

/** What every door makes of one file. */
async function throughAll(name: string, text: string): Promise<ReadonlyMap<string, Answer>> {
  const path = write(name, text);
  const answers = new Map<string, Answer>();
  for (const [door, ask] of Object.entries(FILES)) answers.set(door, await ask([path]));
  for (const [door, ask] of Object.entries(BYTES)) answers.set(door, await ask(text));
  return answers;
}

const cell =
  (name: string, row: number, value: string) =>
  (cells: string[], at: number): string[] =>
    at === row ? cells.map((own, k) => (HEADER.split(",")[k] === name ? value : own)) : cells;

describe("what one door refuses every door refuses, and says where it is", () => {
  test.each<[what: string, text: string, everywhere: RegExp, ofFiles: RegExp]>([
    [
      "a word among numbers",
      table(cell("size", 120, "n/a?")),
      /size.*n\/a\?|n\/a\?.*size/s,
      /"size" of .*bad\.csv .*"n\/a\?" in row 121\b/,
    ],
    [
      "words for half of the numbers",
      table((cells, row) => (row % 2 === 1 ? cell("size", row, "none?")(cells, row) : cells)),
      /size/,
      /size.*"none\?" in row 2\b/s,
    ],
    [
      "a column that is missing",
      table((cells) => cells.filter((_, k) => k !== 2), "when,size,proto,label"),
      /span/,
      /./,
    ],
    ["no rows", `${HEADER}\n`, /./, /bad\.csv/],
  ])("%s", async (what, text, everywhere, ofFiles) => {
    for (const [door, { refused, said }] of await throughAll("bad.csv", text)) {
      // A training does not know which columns somebody expects; what it leaves out of a column it says.
      const mayTrain = door === "train" && (what.startsWith("words") || what.startsWith("a column"));
      // A pipe of nothing is over, and a record of JSON may lack a key: a pipe says how many values were missing.
      const mayEnd =
        (["pipe", "service"].includes(door) && what === "no rows") ||
        (door === "pipe" && what.startsWith("a column"));
      if (!mayTrain && !mayEnd) expect(refused, `${door}: ${said}`).toBe(true);
      if (!mayEnd && !(door === "train" && what.startsWith("a column")))
        expect(said, door).toMatch(everywhere);
      if (door in FILES && !(door === "train" && what.startsWith("a column")))
        expect(said, door).toMatch(ofFiles);
    }
  });

  test("a file of several that lacks a column", async () => {
    const paths = [
      write("whole.csv", table()),
      write(
        "lacks.csv",
        table((cells) => cells.filter((_, k) => k !== 2), "when,size,proto,label"),
      ),
    ];
    for (const [door, ask] of Object.entries(FILES)) {
      const { refused, said } = await ask(paths);
      expect(refused, `${door}: ${said}`).toBe(true);
      expect(said, door).toMatch(/lacks\.csv lacks "span", which other files/);
    }
  });

  test("alarms a day where no column holds times", async () => {
    const path = write(
      "timeless.csv",
      table((cells) => cells.slice(1), HEADER.replace("when,", "")),
    );
    for (const args of [
      ["score", path, "-m", model, "-o", at("scored.csv"), "--threads", "1"],
      ["evaluate", path, "-m", model],
    ]) {
      const { refused, said } = await command(...args, "--budget", "50/day");
      expect([refused, said]).toEqual([
        true,
        expect.stringMatching(/no column that is known to hold times; name it with --time/),
      ]);
      const named = await command(...args, "--budget", "50/day", "--time", "span");
      expect(named.refused, named.said).toBe(false);
    }
  });

  test("a model of another format", async () => {
    const bytes = readFileSync(model);
    expect(readModelSummary(bytes).metadata.has("oddflow.format")).toBe(true);
    const other = write(
      "later.onnx",
      sealModel(replaceMetadata(bytes, new Map([["oddflow.format", "999"]]))),
    );
    const good = write("good.csv", table());
    for (const args of [
      ["score", good, "-m", other, "-o", at("scored.csv")],
      ["evaluate", good, "-m", other],
      ["drift", other, good],
      ["recalibrate", other, good, "-o", at("new.onnx")],
    ]) {
      const { refused, said } = await command(...args);
      expect([refused, said]).toEqual([
        true,
        expect.stringMatching(/later\.onnx: format version "999" found/),
      ]);
    }
    await expect(createScorer(readFileSync(other))).rejects.toMatchObject({ code: "MODEL_FORMAT_VERSION" });
  });
});

describe("what is read as missing or unseen is counted and said, in every door", () => {
  test("a header that comes again is passed over", async () => {
    const path = write(
      "again.csv",
      table((cells, row) => (row === 150 ? HEADER.split(",") : cells)),
    );
    for (const [door, ask] of Object.entries(FILES)) {
      const { refused, said } = await ask([path]);
      expect(refused, `${door}: ${said}`).toBe(false);
      expect(said, door).toMatch(/left out +1 .*header/);
    }
    const { said } = await command("drift", model, path, "--json");
    expect(said).toMatch(/left out +1 .*header/);
  });

  test("a category that the model does not know", async () => {
    const text = table((cells, row) => (row < 7 ? cell("proto", row, "sctp")(cells, row) : cells));
    for (const [door, { refused, said }] of await throughAll("unseen.csv", text)) {
      expect(refused, `${door}: ${said}`).toBe(false);
      if (door !== "train") expect(said, door).toMatch(/proto/);
      if (["score", "evaluate", "recalibrate"].includes(door))
        expect(said, door).toMatch(/unseen +proto 7\n/);
    }
  });

  test("a column without any value", async () => {
    const text = table((cells) => cells.map((own, k) => (k === 2 ? "" : own)));
    for (const [door, { refused, said }] of await throughAll("missing.csv", text)) {
      expect(refused, `${door}: ${said}`).toBe(false);
      if (door === "train") expect(said).toMatch(/left out .*span \(it holds no value\)/);
      else if (["score", "evaluate", "recalibrate"].includes(door))
        expect(said, door).toMatch(/missing +300 values/);
      else expect(said, door).toMatch(/\bspan\b.*100\.00 %|missing(":|_values_total )300\b/);
    }
  });
});
