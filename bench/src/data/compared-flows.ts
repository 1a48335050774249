import { once } from "node:events";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { makeOnce } from "./make-once.ts";
import { flowLines, flowsTable } from "./tables.ts";

/** The same flows in every form that a command reads. */
export interface ComparedFlows {
  readonly count: number;
  readonly parquet: string;
  readonly ndjson: string;
  readonly csv: string;
  readonly zeek: string;
}

type FlowValue = string | number | boolean | null;

export async function comparedFlows(count: number, model: string): Promise<ComparedFlows> {
  const parquet = await flowsTable(count);
  const ndjson = await flowLines(parquet, model);
  const csv = await fromLines(ndjson, ".csv", (names) => [names.join(",")], csvLine);
  const zeek = await fromLines(ndjson, ".log", zeekHeader, zeekLine);
  return { count, parquet, ndjson, csv, zeek };
}

/** Writes the flows of lines of JSON in another form, a line a flow. */
function fromLines(
  ndjson: string,
  ending: string,
  header: (names: readonly string[], first: readonly FlowValue[]) => readonly string[],
  line: (values: readonly FlowValue[]) => string,
): Promise<string> {
  return makeOnce(ndjson.replace(/\.ndjson$/, ending), [ndjson], async (unfinished) => {
    const file = createWriteStream(unfinished);
    let isFirst = true;
    for await (const text of createInterface(createReadStream(ndjson))) {
      const flow = JSON.parse(text) as Record<string, FlowValue>;
      const values = Object.values(flow);
      if (isFirst) await write(file, header(Object.keys(flow), values).join("\n"));
      isFirst = false;
      await write(file, line(values));
    }
    file.end();
    await once(file, "finish");
  });
}

async function write(file: WriteStream, line: string): Promise<void> {
  if (!file.write(`${line}\n`)) await once(file, "drain");
}

/** The fixture has no text that would have to be quoted. */
function csvLine(values: readonly FlowValue[]): string {
  return values.map((value) => value ?? "").join(",");
}

const UNSET = "(unset)";

function zeekHeader(names: readonly string[], first: readonly FlowValue[]): string[] {
  // What is missing in the fixture is numbers.
  const types = first.map((value) => (typeof value === "string" ? "string" : "double"));
  return [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    // Not Zeek's own "-", which UNSW-NB15 has for a service that is none.
    `#unset_field\t${UNSET}`,
    "#path\tconn",
    ["#fields", ...names].join("\t"),
    ["#types", ...types].join("\t"),
  ];
}

function zeekLine(values: readonly FlowValue[]): string {
  return values.map((value) => (value === "" ? "(empty)" : (value ?? UNSET))).join("\t");
}
