import { sealModel } from "@oddflow/onnx";
import { mutateBytes } from "./byte-mutations.ts";
import type { Choices } from "./seeded-choices.ts";

/** A changed model file. */
export interface MutatedModel {
  readonly bytes: Uint8Array;
  /** Whether it was given the digest of what it is now: as a stranger would, and no accident. */
  readonly isSealed: boolean;
}

/** A copy of a model file with other bytes or, in its metadata, other digits. */
export function mutateModel(model: Uint8Array, choices: Choices): MutatedModel {
  const bytes = choices.below(3) === 0 ? mutateDigits(model, choices) : mutateBytes(model, choices);
  if (choices.below(2) === 0) return { bytes, isSealed: false };
  try {
    return { bytes: sealModel(bytes), isSealed: true };
  } catch {
    // What is no ONNX model any more cannot be given a digest.
    return { bytes, isSealed: false };
  }
}

/** Changes numbers where they stand as text, and no length: thresholds, widths, versions. */
function mutateDigits(model: Uint8Array, choices: Choices): Buffer {
  const bytes = Buffer.from(model);
  const metadata = bytes.indexOf("oddflow.");
  const from = Math.max(0, metadata) + choices.below(bytes.length - Math.max(0, metadata));
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;
  let at = from;
  while (at < bytes.length && !isDigit(bytes[at])) at++;
  const digit = choices.of(["9", "0", "e", "-", "."]);
  for (let rest = 1 + choices.below(20); rest > 0 && isDigit(bytes[at]); rest--)
    bytes.write(digit, at++, "latin1");
  return bytes;
}
