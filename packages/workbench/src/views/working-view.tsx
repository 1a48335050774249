import { countText } from "@oddflow/report/look";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Workbench } from "../page/workbench.ts";
import type { Progress } from "../scoring/messages.ts";

/** Reading is quicker than scoring: the share of the bar that it gets. */
const READING_SHARE = 0.2;

/** How far a scoring is, and a way out. */
export function WorkingView({
  workbench,
  table,
  progress,
}: {
  readonly workbench: Workbench;
  readonly table: string;
  readonly progress: Progress | undefined;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone, and focus with it.
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="working" aria-labelledby="working-title">
      <h2 id="working-title" tabIndex={-1} ref={heading}>
        Scoring {table}
      </h2>
      <progress aria-labelledby="working-title" max={1} value={shareDone(progress)} />
      <p class="progress-text">{progressText(progress)}</p>
      <p class="actions">
        <button type="button" onClick={() => workbench.startOver()}>
          Cancel
        </button>
      </p>
    </section>
  );
}

function shareDone(progress: Progress | undefined): number {
  switch (progress?.stage) {
    case undefined:
      return 0;
    case "reading":
      return READING_SHARE * progress.share;
    case "opening":
      return READING_SHARE;
    case "scoring":
      return READING_SHARE + (1 - READING_SHARE) * (progress.rows / progress.of);
  }
}

function progressText(progress: Progress | undefined): string {
  switch (progress?.stage) {
    case undefined:
      return "Opening the file";
    case "reading":
      return `Reading: ${countText(progress.rows)} flows so far`;
    case "opening":
      return "Opening the model";
    case "scoring":
      return `Scoring: ${countText(progress.rows)} of ${countText(progress.of)} flows`;
  }
}
