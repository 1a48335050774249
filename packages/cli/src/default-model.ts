import { fileURLToPath } from "node:url";

/** The model that ships with Oddflow, trained on real UNSW-NB15 flows; used where no model is named. */
export const DEFAULT_MODEL: string = fileURLToPath(
  new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url),
);
