import type { JSX } from "preact";
import type { Workbench } from "../page/workbench.ts";
import type { WebProvider } from "../scoring/messages.ts";
import { OpenFile } from "./open-file.tsx";

/** Which model scores, and what runs it. A change scores the open table anew. */
export function ModelSettings({ workbench }: { readonly workbench: Workbench }): JSX.Element {
  const own = workbench.ownModel.value;
  const chosen = workbench.chosenModel.value;
  const choose = (file: File | undefined): void => {
    workbench.chosenModel.value = file;
    void workbench.scoreAgain();
  };
  return (
    <section class="settings" aria-labelledby="model-title">
      <h2 id="model-title">Model</h2>
      <p class="model-name">
        <b>{chosen?.name ?? own.name}</b>
      </p>
      {chosen === undefined && own.isShipped && (
        <p class="note">
          The model that comes with Oddflow. It was trained on the usual flows of one network (UNSW-NB15, 33
          columns) and is of use for traffic and columns like those, nothing else. For your own network, train
          one with <code>oddflow train flows.parquet</code>.
        </p>
      )}
      <p class="actions">
        <OpenFile kind="plain" accept=".onnx" onFile={choose}>
          Choose another model
        </OpenFile>
        {chosen !== undefined && (
          <button type="button" onClick={() => choose(undefined)}>
            Back to {own.name}
          </button>
        )}
      </p>
      <ProviderChoice workbench={workbench} />
    </section>
  );
}

function ProviderChoice({ workbench }: { readonly workbench: Workbench }): JSX.Element {
  const missing = workbench.gpuMissing.value;
  const provider = workbench.provider.value;
  const choose = (chosen: WebProvider): void => {
    workbench.provider.value = chosen;
    void workbench.scoreAgain();
  };
  return (
    <fieldset>
      <legend>Runs on</legend>
      <label>
        <input type="radio" name="provider" checked={provider === "wasm"} onChange={() => choose("wasm")} />
        <span>
          the processor <small>WebAssembly</small>
        </span>
      </label>
      <label>
        <input
          type="radio"
          name="provider"
          checked={provider === "webgpu"}
          disabled={missing !== undefined}
          aria-describedby="gpu-note"
          onChange={() => choose("webgpu")}
        />
        <span>
          the graphics card <small>WebGPU</small>
        </span>
      </label>
      <small id="gpu-note">
        {missing === null
          ? "Looking for a GPU…"
          : missing === undefined
            ? "Loads 27 MB more, once; worth it for many flows."
            : `WebGPU cannot be chosen: ${missing}.`}
      </small>
    </fieldset>
  );
}
