import type { Readable } from "node:stream";
import { type AlarmColumns, type AlarmReader, type AlarmReading, alarmReader } from "@oddflow/incidents";
import { ByRecordColumns, fieldValue, OddflowError } from "@oddflow/preprocessing";
import { openPipe } from "../pipe/open-pipe.ts";
import { readInput } from "../standard-streams.ts";
import { checkAlarmReader } from "./check-alarm-reader.ts";

const SOURCE = "standard input";

/** No column is encoded: flows are taken as records. */
const NO_ENCODING = { columns: [], ownColumns: [], context: undefined };

/**
 * Reads scored flows as they come, lines of JSON, CSV or a Zeek log, some at a time; none of the last lines that are cut where the signal ends the
 * input.
 * @throws OddflowError COLUMNS_MISSING where the first alarm lacks what incidents are made of; RECORD_INVALID, TABLE_UNREADABLE
 */
export async function* pipedAlarms(
  input: Readable,
  columns: AlarmColumns,
  signal: AbortSignal,
): AsyncGenerator<readonly AlarmReading[]> {
  const reader = openPipe(NO_ENCODING, "none", SOURCE);
  const readers = new ByRecordColumns((names) => alarmReader(names, columns));
  let isChecked = false;
  let row = 0;
  const check = (own: AlarmReader): void => {
    checkAlarmReader(own, SOURCE, columns);
    isChecked = true;
  };
  const end = (): unknown => input.destroy();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  try {
    for await (const piece of pieces(input, signal)) {
      const { count, record, problem } = reader.read(piece);
      const readings = Array.from({ length: count }, (_, flow) => {
        const own = record(flow);
        const bound = readers.of(own);
        row++;
        const reading = bound.read((place) => fieldValue(own, bound.columns[place] as string), row);
        const isAlarm = reading.alarm !== undefined || reading.lacks !== undefined;
        if (!isChecked && (isAlarm || bound.unscored.length > 0)) check(bound);
        return reading;
      });
      yield readings;
      if (problem !== undefined) throw problem;
    }
  } catch (thrown) {
    throw asIncidents(thrown);
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}

/** What comes, and undefined at its end. */
async function* pieces(input: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array | undefined> {
  try {
    yield* readInput(input);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
  // A last line without an end may not be whole where the signal cut it.
  if (!signal.aborted) yield undefined;
}

/** Pipes are read for scoring elsewhere, and their messages say so. */
function asIncidents(thrown: unknown): unknown {
  if (!(thrown instanceof OddflowError)) return thrown;
  return new OddflowError(thrown.code, thrown.message.replace(/^score: /, "incidents: "), { cause: thrown });
}
