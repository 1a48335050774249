import type { JSX } from "preact";
import type { Workbench } from "../page/workbench.ts";
import { ModelSettings } from "./model-settings.tsx";
import { OpenFile } from "./open-file.tsx";

/** What the page is for, and where to begin. */
export function StartView({ workbench }: { readonly workbench: Workbench }): JSX.Element {
  return (
    <div class="start">
      <section class="opening" aria-labelledby="open-title">
        <h2 id="open-title">Find the odd flows in a file</h2>
        <p class="lead">
          Open a table of network flows. Each one gets a score, higher is odder, and the columns that made it
          so, in words. No labels are needed.
        </p>
        <div class="drop-zone">
          <p>Drop a file here, or</p>
          <p class="actions">
            <OpenFile kind="main" onFile={(file) => void workbench.openFile(file)}>
              Open a file
            </OpenFile>
            <button type="button" onClick={() => void workbench.openSample()}>
              Try the sample flows
            </button>
          </p>
          <p class="note">
            Parquet, CSV, TSV, JSON lines, or a Zeek <code>conn.log</code>; text also with <code>.gz</code>.
            The sample is 24,000 made-up flows, of which 12 % are attacks.
          </p>
        </div>
      </section>
      <ModelSettings workbench={workbench} />
    </div>
  );
}
