import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Surroundings } from "./commands.ts";
import type { DisturbedCommand } from "./disturbed-commands.ts";
import type { DisturbedPlace } from "./disturbed-place.ts";
import type { Choices } from "./seeded-choices.ts";
import { allowWriting, canForbidWriting, diskKind, forbidWriting, mount, unmount } from "./small-disks.ts";

/** A file that takes nothing, as a full disk does. Linux has it. */
const FULL = "/dev/full";

/** More than a command writes here. */
const ROOM = 50_000_000;

/** What a running command is disturbed in. */
export interface DisturbedRun {
  readonly place: DisturbedPlace;
  /** Of the output, where nobody disturbs. */
  readonly outputBytes: number;
  readonly choices: Choices;
}

/** What may happen to a command. */
export interface Disturbance {
  readonly name: string;
  isFor(command: DisturbedCommand): boolean;
  /** Done before it starts. @returns what it then finds around it */
  prepare?(run: DisturbedRun): Surroundings;
  /** Done once the old output lies where the new one goes. */
  seal?(run: DisturbedRun): void;
  /** Done while it runs, at a random moment. */
  act?(run: DisturbedRun): Promise<void> | void;
  /** Undoes what the next run must not find. */
  restore?(run: DisturbedRun): void;
  /** What must come of it, where not either. */
  readonly outcome?: "refused" | "done";
  /** Whether what is printed may get lost, so that only files tell what came of it. */
  readonly losesPrint?: boolean;
}

const readsFiles = ({ inputs }: DisturbedCommand): boolean => inputs.length > 0;
const hasModel = ({ model }: DisturbedCommand): boolean => model !== undefined;
const writes = ({ output }: DisturbedCommand): boolean => output !== undefined;

/** One of the files that are read, and the other file of its name. */
function anyInput({ place, choices }: DisturbedRun): readonly [own: string, other: string] {
  const name = choices.of(place.command.inputs);
  return [join(place.inputs, name), join(place.others, name)];
}

function modelOf({ place }: DisturbedRun): readonly [own: string, other: string] {
  const name = place.command.model ?? "";
  return [join(place.inputs, name), join(place.others, name)];
}

/** As a copy that keeps the times does: nothing but the system's own time of the change tells. */
function overwrite([own, other]: readonly [string, string]): void {
  const { atime, mtime } = statSync(own);
  const bytes = readFileSync(other);
  writeFileSync(own, bytes, { flag: "r+" });
  truncateSync(own, bytes.length);
  utimesSync(own, atime, mtime);
}

function replace([own, other]: readonly [string, string]): void {
  const { atime, mtime } = statSync(own);
  const beside = `${own}.new`;
  copyFileSync(other, beside);
  utimesSync(beside, atime, mtime);
  renameSync(beside, own);
}

function append([own, other]: readonly [string, string]): void {
  const bytes = readFileSync(other);
  if (!/\.(csv|ndjson)$/.test(own)) appendFileSync(own, bytes.subarray(0, 1000));
  else appendFileSync(own, bytes.subarray(bytes.lastIndexOf(10, -20_000) + 1));
}

/** Those that find the most come first: a short run takes them in this order. */
export const DISTURBANCES: readonly Disturbance[] = [
  { name: "input replaced", isFor: readsFiles, act: (run) => replace(anyInput(run)) },
  {
    name: "output folder full",
    isFor: writes,
    prepare({ place, outputBytes, choices }) {
      const bytes = (outputBytes * choices.below(1100)) / 1000;
      if (diskKind() === "limited") return { largestFile: bytes };
      mount(place.outputs, bytes);
      return {};
    },
    restore: ({ place }) => unmount(place.outputs),
  },
  { name: "input appended to", isFor: readsFiles, act: (run) => append(anyInput(run)) },
  {
    name: "standard output full",
    isFor: () => existsSync(FULL),
    prepare: () => ({ output: FULL }),
    outcome: "refused",
    losesPrint: true,
  },
  { name: "input removed", isFor: readsFiles, act: (run) => rmSync(anyInput(run)[0]) },
  {
    name: "temporary folder full",
    isFor: (command) => readsFiles(command) && diskKind() === "mounted",
    prepare({ place, choices }) {
      mount(place.temporary, choices.below(1_000_000));
      return {};
    },
    restore: ({ place }) => unmount(place.temporary),
  },
  {
    name: "output folder removed",
    isFor: writes,
    act: ({ place }) => rmSync(place.outputs, { recursive: true, force: true }),
  },
  {
    name: "reader of standard output gone",
    isFor: () => true,
    prepare: ({ choices }) => ({ outputIsReadFor: choices.of([1, 1000, 100_000, 1_000_000]) }),
    outcome: "done",
    losesPrint: true,
  },
  {
    name: "output folder read-only",
    isFor: (command) => writes(command) && canForbidWriting(),
    prepare({ place }) {
      if (diskKind() === "mounted") mount(place.outputs, ROOM);
      return {};
    },
    seal: ({ place }) => forbidWriting(place.outputs),
    restore({ place }) {
      allowWriting(place.outputs);
      unmount(place.outputs);
    },
    outcome: "refused",
  },
  { name: "model replaced", isFor: hasModel, act: (run) => replace(modelOf(run)) },
  { name: "input overwritten", isFor: readsFiles, act: (run) => overwrite(anyInput(run)) },
  {
    name: "input cut short",
    isFor: readsFiles,
    act(run) {
      const [own] = anyInput(run);
      truncateSync(own, run.choices.below(statSync(own).size));
    },
  },
  {
    name: "input replaced for a while",
    isFor: readsFiles,
    async act(run) {
      const [own, other] = anyInput(run);
      renameSync(own, `${own}.away`);
      copyFileSync(other, own);
      await pause(run.choices.below(500));
      renameSync(`${own}.away`, own);
    },
  },
  { name: "model overwritten", isFor: hasModel, act: (run) => overwrite(modelOf(run)) },
  { name: "model removed", isFor: hasModel, act: (run) => rmSync(modelOf(run)[0]) },
  {
    name: "temporary folder removed",
    isFor: readsFiles,
    act: ({ place }) => rmSync(place.temporary, { recursive: true, force: true }),
  },
  {
    name: "standard error full",
    isFor: () => existsSync(FULL),
    prepare: () => ({ complaints: FULL }),
    outcome: "done",
  },
];
