import { fileURLToPath } from "node:url";

/**
 * The model that ships with Oddflow, trained on real UNSW-NB15 flows; used where no model is named. `pnpm compile` puts it
 * beside the bundled commands, so that a checkout and an installed package have it in one place.
 */
export const DEFAULT_MODEL: string = fileURLToPath(new URL("../bundle/unsw-nb15.onnx", import.meta.url));

/** A model file among a command's arguments, which may be left out. */
export const MODEL_OR_DEFAULT: {
  readonly type: "string";
  readonly default: string;
  readonly defaultDescription: string;
  readonly describe: string;
} = {
  type: "string",
  default: DEFAULT_MODEL,
  defaultDescription: "UNSW-NB15's",
  describe: "Model file",
};
