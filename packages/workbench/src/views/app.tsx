import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Workbench } from "../page/workbench.ts";
import { FailedView } from "./failed-view.tsx";
import { ResultView } from "./result-view.tsx";
import { StartView } from "./start-view.tsx";
import { WorkingView } from "./working-view.tsx";

/** The whole page. A file may be dropped anywhere on it. */
export function App({ workbench }: { readonly workbench: Workbench }): JSX.Element {
  const isOver = useDroppedFile(workbench);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the flows
      </a>
      <header class="page-header">
        <h1>
          <img src={new URL("../icon.svg", import.meta.url).href} alt="" width="28" height="28" />
          Oddflow <span>workbench</span>
        </h1>
        <p>Runs in this page. Your flows do not leave this machine.</p>
      </header>
      <main id="main" tabIndex={-1}>
        <CurrentStage workbench={workbench} />
      </main>
      <footer>
        <p>
          The page is served with a policy by which the browser lets it talk to nobody but the server that it
          came from, and that server takes no uploads.
        </p>
      </footer>
      <p class="visually-hidden" role="status">
        {workbench.announcement}
      </p>
      {isOver && (
        <div class="drop-veil" aria-hidden="true">
          Drop the file to score it
        </div>
      )}
    </>
  );
}

function CurrentStage({ workbench }: { readonly workbench: Workbench }): JSX.Element {
  const stage = workbench.stage.value;
  switch (stage.kind) {
    case "start":
      return <StartView workbench={workbench} />;
    case "working":
      return <WorkingView workbench={workbench} table={stage.table} progress={stage.progress} />;
    case "failed":
      return <FailedView workbench={workbench} table={stage.table} failure={stage.failure} />;
    case "scored":
      return <ResultView workbench={workbench} result={stage.result} />;
  }
}

/** Scores a file that is dropped on the window, and tells whether one is held over it. */
function useDroppedFile(workbench: Workbench): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file?.name.toLowerCase().endsWith(".onnx")) {
        workbench.chosenModel.value = file;
        void workbench.scoreAgain();
      } else if (file !== undefined) void workbench.openFile(file);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [workbench]);
  return isOver;
}
