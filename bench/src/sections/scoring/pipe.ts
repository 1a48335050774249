import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeOnce } from "../../data/make-once.ts";
import type { Models } from "../../data/models.ts";
import { flowLines, flowsTable } from "../../data/tables.ts";
import { SCORE_BATCH } from "../../inputs.ts";
import { wholeCommand } from "../../measurement.ts";
import { inTurns } from "../../processes/in-turns.ts";
import { type CommandRun, nodeCommand, runCommand } from "../../processes/run-command.ts";
import type { Recorder } from "../../recorder.ts";
import { checkLines } from "./check-scored.ts";
import { inData, ROUNDS, SECTION, scoreBatch } from "./score-batch-command.ts";

const FLOWS = 500_000;

/** A stream whose every byte comes back, beside the same flows from Parquet to Parquet, in turns. */
export async function timePipe(recorder: Recorder, models: Models): Promise<void> {
  const table = await flowsTable(FLOWS);
  const lines = await flowLines(table, models.oneNetwork);
  const csv = await textOf(lines, "csv", ",", (names) => names.join(","));
  const zeek = await textOf(lines, "log", "\t", (names, types) =>
    [
      "#separator \\x09",
      "#unset_field\t-",
      ["#fields", ...names].join("\t"),
      ["#types", ...types].join("\t"),
    ].join("\n"),
  );
  recorder.title(`score-batch in a pipe, ${FLOWS.toLocaleString("en-US")} flows`);
  const output = inData("piped.ndjson");
  const pipe = (model: string, input: string): Promise<CommandRun> =>
    runCommand({ line: nodeCommand(SCORE_BATCH, "-", "-m", model), input, output });
  const toParquet = (model: string): Promise<CommandRun> =>
    runCommand(scoreBatch(model, table, inData("scored.parquet")));
  for (const model of [models.oneNetwork, models.byDefault]) {
    await toParquet(model);
    await pipe(model, lines);
    await checkLines(output, inData("scored.parquet"));
  }
  const runs = await inTurns(ROUNDS, {
    "JSON lines, one network": () => pipe(models.oneNetwork, lines),
    "JSON lines, default detector": () => pipe(models.byDefault, lines),
    "CSV, default detector": () => pipe(models.byDefault, csv),
    "Zeek's TSV, default detector": () => pipe(models.byDefault, zeek),
    "beside them Parquet to Parquet, default detector": () => toParquet(models.byDefault),
  });
  for (const [name, each] of Object.entries(runs)) {
    recorder.add(
      wholeCommand({ section: SECTION, name: `score-batch in a pipe, ${name}`, flows: FLOWS }, each),
    );
  }
}

/** Lines of JSON as rows of text: a cell each field of the first line. */
function textOf(
  lines: string,
  ending: string,
  delimiter: string,
  header: (names: readonly string[], types: readonly string[]) => string,
): Promise<string> {
  const rows = async function* (): AsyncGenerator<string> {
    let names: readonly string[] | undefined;
    for await (const line of createInterface(createReadStream(lines))) {
      const record = JSON.parse(line) as Record<string, unknown>;
      if (names === undefined) {
        names = Object.keys(record);
        const types = Object.values(record).map((value) => (typeof value === "number" ? "double" : "string"));
        yield `${header(names, types)}\n`;
      }
      yield `${names.map((name) => record[name] ?? (ending === "log" ? "-" : "")).join(delimiter)}\n`;
    }
  };
  return makeOnce(lines.replace(/\.ndjson$/, `.${ending}`), [lines], (unfinished) =>
    pipeline(Readable.from(rows()), createWriteStream(unfinished)),
  );
}
