import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type ExportFormat, exportName } from "../exporting/export-name.ts";
import type { Result } from "../page/result.ts";
import { releaseSaved, saveFile } from "../page/save-file.ts";

const FORMATS: readonly (readonly [ExportFormat, string])[] = [
  ["csv", "CSV"],
  ["ndjson", "JSON lines"],
  ["parquet", "Parquet"],
];

/** Saves the scored table as a file. */
export function ExportSection({ result }: { readonly result: Result }): JSX.Element {
  const [format, setFormat] = useState<ExportFormat>("csv");
  const [isPart, setPart] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const { rows, table } = result.flows;
  const listed = result.anomaliesOnly.value ? result.alarms.value.rows : result.chosen.value.rows;
  const save = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    // A million flows are up to a gigabyte, which the browser keeps as long as it has an address.
    releaseSaved();
    try {
      const blob = await result.worker.ask("save", {
        format,
        threshold: result.threshold.peek(),
        rows: isPart ? (result.anomaliesOnly.peek() ? "alarms" : "chosen") : "all",
      });
      saveFile(blob, exportName(table, format));
    } catch (error) {
      setFailure(
        `The table could not be written: ${error instanceof Error ? error.message : String(error)}.`,
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="export-title">
      <h3 id="export-title">Export</h3>
      <p class="note">
        The table in its own order, with <code>score</code>, <code>is_anomaly</code>, <code>probability</code>{" "}
        (the share of usual flows that score as high) and <code>top_columns</code>, and with rules{" "}
        <code>alarm_rule</code> and <code>alarm_verdict</code>, as <code>score-batch</code> writes them.
      </p>
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          <span>Format</span>
          <select
            value={format}
            onChange={({ currentTarget }) => setFormat(currentTarget.value as ExportFormat)}
          >
            {FORMATS.map(([key, text]) => (
              <option key={key} value={key}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Rows</span>
          <select
            value={isPart ? "listed" : "all"}
            onChange={({ currentTarget }) => setPart(currentTarget.value === "listed")}
          >
            <option value="all">all {countText(rows)}</option>
            <option value="listed">the {countText(listed)} listed</option>
          </select>
        </label>
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Writing…" : "Save the scored table"}
        </button>
      </form>
      {failure !== undefined && <p role="alert">{failure}</p>}
    </section>
  );
}
