import { type AssembledFile, assembleFile } from "./assembled-file.ts";
import type { OpenTable } from "./flow-table.ts";
import { type OutputPlace, outputFailure } from "./output-place.ts";
import { changeOf, checkUnchanged } from "./unchanged-files.ts";
import { givenUp, WRITING } from "./write-failure.ts";

/** Puts an output together in a file. */
export interface Assembly {
  /** Writes what comes last. */
  finish(): void;
  /** Lets go of what it reads from; harmless twice. */
  close(): void;
}

/** An output that is put together piece by piece, and takes its place when it is whole. */
export interface AssembledOutput<Kind extends Assembly> {
  readonly assembly: Kind;
  /** Takes a step. @throws what went wrong, in words for people: with the input, or else with the output */
  attempt(step: () => void | Promise<void>): Promise<void>;
  /**
   * Finishes the assembly and puts the file in its place. Nothing is left of one that fails.
   * @param check throws what is wrong with the pieces, if something is
   */
  finish(check?: () => void): Promise<void>;
  /** Gives up: nothing is left behind. Harmless after `finish`. */
  abort(): Promise<void>;
}

/** @throws OddflowError OUTPUT_UNWRITABLE */
export async function assembleOutput<Kind extends Assembly>(
  open: Pick<OpenTable, "files">,
  place: OutputPlace,
  assemble: (target: AssembledFile) => Kind,
): Promise<AssembledOutput<Kind>> {
  const target = await assembleIn(place);
  const assembly = assemble(target);
  let aborted = false;
  const discard = async (): Promise<void> => {
    assembly.close();
    await target.close();
    await place.discard();
  };
  const attempt = async (step: () => void | Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (thrown) {
      throw (await changeOf(WRITING, open.files)) ?? outputFailure(place, thrown);
    }
  };
  return {
    assembly,
    attempt,
    async finish(check) {
      try {
        check?.();
        if (aborted) throw givenUp();
        await checkUnchanged(WRITING, open.files);
        await attempt(() => {
          assembly.finish();
          return target.finish();
        });
        if (aborted) throw givenUp();
        await place.take();
      } finally {
        await discard();
      }
    },
    abort() {
      aborted = true;
      return discard();
    },
  };
}

async function assembleIn(place: OutputPlace): Promise<AssembledFile> {
  try {
    return assembleFile(place.temporary);
  } catch (thrown) {
    await place.discard();
    throw outputFailure(place, thrown);
  }
}
