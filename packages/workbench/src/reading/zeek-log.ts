import { numberOfText, OddflowError } from "@oddflow/preprocessing";
import { ColumnBuilder } from "./column-builder.ts";
import { integerOfText, typedColumn } from "./column-types.ts";
import type { FlowColumns } from "./flow-columns.ts";
import { type TextFile, textLines } from "./text-pieces.ts";

/** What a file begins with that Zeek wrote as tab-separated values. */
export const ZEEK_START = "#separator ";

/** Rows between two reports of progress. */
const STEP = 1000;

/** How the lines are to be read, as the lines that begin with # say. Zeek's defaults. */
interface ZeekHeader {
  separator: string;
  setSeparator: string;
  emptyField: string;
  unsetField: string;
  fields: readonly string[];
  types: readonly string[];
}

/**
 * Reads a log that Zeek wrote as tab-separated values, such as conn.log. Its values are what Zeek's own JSON form of
 * the log has: times are seconds since 1970, an interval is seconds, counts and ports are numbers, sets and vectors are
 * lists, a field that is not set holds nothing.
 * (The Zeek manual, "Zeek Log Formats and Inspection"; Zeek, src/logging/writers/ascii and src/threading/formatters.)
 * @throws OddflowError TABLE_UNREADABLE, with the line; TABLE_EMPTY
 */
export async function readZeekLog(file: TextFile, onRows: (rows: number) => void): Promise<FlowColumns> {
  const header: ZeekHeader = {
    separator: "\t",
    setSeparator: ",",
    emptyField: "(empty)",
    unsetField: "-",
    fields: [],
    types: [],
  };
  let builders: readonly ColumnBuilder[] = [];
  for await (const { line, number } of textLines(file)) {
    if (line === "") continue;
    if (line.startsWith("#")) {
      const fields = header.fields;
      readHeaderLine(header, line);
      if (header.fields === fields) continue;
      if (builders.length === 0) builders = header.fields.map((name) => new ColumnBuilder(name));
      else if (header.fields.join("\0") !== fields.join("\0")) {
        throw unreadable(file.name, `line ${number} names other fields than the ones before; split it there`);
      }
      continue;
    }
    const cells = line.split(header.separator);
    if (builders.length === 0) throw unreadable(file.name, `line ${number} comes before any #fields line`);
    if (cells.length !== builders.length) {
      throw unreadable(
        file.name,
        `line ${number} has ${cells.length} values, #fields names ${builders.length}; correct or remove it`,
      );
    }
    for (const [k, builder] of builders.entries()) {
      const value = zeekValue(cells[k] ?? "", header.types[k] ?? "string", header);
      if (value === undefined) {
        throw unreadable(
          file.name,
          `line ${number}, ${builder.name}: ${JSON.stringify(cells[k]?.slice(0, 60))} found, ${header.types[k]} expected; ` +
            "correct or remove it",
        );
      }
      builder.append(value);
    }
    const rows = builders[0]?.rows ?? 0;
    if (rows % STEP === 0) onRows(rows);
  }
  const rows = builders[0]?.rows ?? 0;
  if (rows === 0) {
    throw new OddflowError(
      "TABLE_EMPTY",
      `open table: ${file.name} holds no rows; expected at least one flow`,
    );
  }
  return { name: file.name, rows, columns: builders.map((builder) => typedColumn(builder.finish())) };
}

function readHeaderLine(header: ZeekHeader, line: string): void {
  // The separator's own line is the one that does not use it.
  if (line.startsWith(ZEEK_START)) {
    header.separator = unescapeText(line.slice(ZEEK_START.length));
    return;
  }
  const [key, ...rest] = line.split(header.separator);
  const value = rest[0] ?? "";
  if (key === "#set_separator") header.setSeparator = unescapeText(value);
  else if (key === "#empty_field") header.emptyField = unescapeText(value);
  else if (key === "#unset_field") header.unsetField = unescapeText(value);
  else if (key === "#fields") header.fields = rest.map(unescapeText);
  else if (key === "#types") header.types = rest;
}

/** A field's value; undefined where it is not of its type. */
function zeekValue(text: string, type: string, header: ZeekHeader): unknown {
  if (text === header.unsetField) return null;
  const inner = /^(?:set|vector)\[(.*)\]$/.exec(type)?.[1];
  if (inner !== undefined) {
    if (text === header.emptyField) return [];
    const values = text.split(header.setSeparator).map((part) => zeekValue(part, inner, header));
    return values.includes(undefined) ? undefined : values;
  }
  switch (type) {
    case "time":
    case "interval":
    case "double":
    case "count":
    case "int":
    case "port": {
      const number = text === "" ? undefined : numberOfText(text);
      if (number === undefined) return undefined;
      if (Number.isNaN(number)) return null;
      // An integer that a number does not hold keeps its digits.
      return integerOfText(text) ?? number;
    }
    case "bool":
      return text === "T" ? true : text === "F" ? false : undefined;
    default:
      return text === header.emptyField ? "" : unescapeText(text);
  }
}

/** `\x09` is a tab: Zeek writes bytes that would be taken for something else by their number. */
function unescapeText(text: string): string {
  if (!text.includes("\\x")) return text;
  return text.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function unreadable(name: string, problem: string): OddflowError {
  return new OddflowError("TABLE_UNREADABLE", `open table: ${name} cannot be read as a Zeek log: ${problem}`);
}
