import { parseArgs } from "node:util";
import { INPUT_KINDS, type InputKind } from "./input-kinds.ts";

export interface RobustnessOptions {
  /** Of every random choice. */
  readonly seed: number;
  readonly kills: number;
  /** The numbers of those that are tried. */
  readonly disturbances: readonly number[];
  readonly mutations: number;
  /** Clients that leave a service in the middle. */
  readonly hangUps: number;
  readonly soakMinutes: number;
  readonly pipeLines: number;
  /** Children that try mutated inputs, and commands that are killed, at a time. */
  readonly children: number;
  /** Begins nothing further after so many minutes. */
  readonly minutes: number | undefined;
  /** Tries one mutated input only. */
  readonly replay: { readonly kind: InputKind; readonly number: number } | undefined;
  /** Whether the counts are written to a file. */
  readonly write: boolean;
}

/** @throws Error for what is no option or no number */
export function readOptions(args: readonly string[]): RobustnessOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      kills: { type: "string", default: "9" },
      disturbances: { type: "string", default: "9" },
      "hang-ups": { type: "string", default: "20" },
      mutations: { type: "string", default: "300" },
      "soak-minutes": { type: "string", default: "0.1" },
      "pipe-lines": { type: "string", default: "300000" },
      children: { type: "string", default: "2" },
      minutes: { type: "string" },
      replay: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const only = readReplay(values.replay);
  const count = (
    name: "kills" | "disturbances" | "hang-ups" | "mutations" | "soak-minutes" | "pipe-lines",
  ): number => (only ? 0 : numberOf(name, values[name]));
  return {
    seed: numberOf("seed", values.seed),
    kills: count("kills"),
    disturbances:
      only?.kind === "disturbance"
        ? [only.number]
        : Array.from({ length: count("disturbances") }, (_, number) => number),
    hangUps: count("hang-ups"),
    mutations: count("mutations"),
    soakMinutes: count("soak-minutes"),
    pipeLines: count("pipe-lines"),
    children: numberOf("children", values.children),
    minutes: values.minutes === undefined ? undefined : numberOf("minutes", values.minutes),
    replay: only && only.kind !== "disturbance" ? { kind: only.kind, number: only.number } : undefined,
    write: values.write,
  };
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!(text !== "" && number >= 0)) throw new Error(`--${name} ${text}: expected a number of 0 or more`);
  return number;
}

interface Replay {
  readonly kind: InputKind | "disturbance";
  readonly number: number;
}

function readReplay(text: string | undefined): Replay | undefined {
  if (text === undefined) return undefined;
  const [name, number] = text.split(":");
  const kinds = ["disturbance", ...INPUT_KINDS] as const;
  const kind = kinds.find((candidate) => candidate === name);
  if (kind === undefined || number === undefined) {
    throw new Error(
      `--replay ${text}: expected a kind and a number, such as csv:17; kinds are ${kinds.join(", ")}`,
    );
  }
  return { kind, number: numberOf("replay", number) };
}
