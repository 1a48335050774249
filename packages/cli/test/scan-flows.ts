import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { command } from "./in-process.ts";

/** A number from 0 to 1 that looks drawn by chance. */
export function noise(row: number, k: number): number {
  return Math.abs(Math.sin((row + 1) * 12.9898 * k) * 43_758.5453) % 1;
}

export interface ScanFlow {
  readonly ts: number;
  readonly src_ip: string;
  readonly dst_ip: string;
  readonly dst_port: number;
  readonly proto: string;
  readonly bytes: number;
  readonly packets: number;
  readonly attack: string;
}

/** Flows that are all alike; what tells the scan's, every fourth, is that one host sends so many to so many others. */
export const flows: readonly ScanFlow[] = Array.from({ length: 1000 }, (_, row) => {
  const isScan = row % 4 === 3;
  return {
    // From ten minutes before an hour of the clock on.
    ts: 1_740_001_800 + row * 2 + Math.round(1000 * noise(row, 1)) / 1000,
    src_ip: isScan ? "10.0.0.66" : `10.0.0.${Math.floor(60 * noise(row, 2))}`,
    dst_ip: `10.1.0.${Math.floor((isScan ? 250 : 6) * noise(row, 3))}`,
    dst_port: isScan ? 1 + Math.floor(1000 * noise(row, 4)) : 443,
    proto: "tcp",
    bytes: Math.round(500 + 400 * noise(row, 5)),
    packets: 2 + Math.floor(8 * noise(row, 6)),
    attack: isScan ? "scan" : "normal",
  };
});

/** The same flows, a tenth of them a day, on sixteen days: scores of its model are held against the hour. */
export const flowsOfWeeks: readonly ScanFlow[] = Array.from({ length: 16 }, (_, day) =>
  flows
    .filter((_flow, row) => row % 10 === day % 10)
    .map((flow) => ({ ...flow, ts: flow.ts + day * 86_400 })),
).flat();

const TRAINING = ["--role", "dst_port=identifier", "--attacks-in-training", "0", "--epochs", "15"];
/** Of a training that takes a moment. */
export const SMALL: readonly string[] = [...TRAINING, "--hidden", "16", "--latent", "4", "--clean", "off"];

export function jsonOf(records: readonly object[]): string {
  return records.map((record) => JSON.stringify(record)).join("\n");
}

export function csvOf(records: readonly object[]): string {
  const rows = records.map((record) => Object.values(record).join(","));
  return `${[Object.keys(records[0] ?? {}).join(","), ...rows].join("\n")}\n`;
}

export function zeekOf(records: readonly object[]): string {
  const types = ["time", "addr", "addr", "port", "enum", "count", "count", "string"];
  const start = [
    "#separator \\x09",
    "#unset_field\t-",
    `#fields\t${Object.keys(records[0] ?? {}).join("\t")}`,
  ];
  const rows = records.map((record) => Object.values(record).join("\t"));
  return `${[...start, `#types\t${types.join("\t")}`, ...rows].join("\n")}\n`;
}

/** Writes records as lines of JSON and gives the path. */
export function writeRecords(path: string, records: readonly object[]): string {
  writeFileSync(path, `${jsonOf(records)}\n`);
  return path;
}

/** Runs a command that is not to be refused, and gives what it says. */
export async function ok(...args: string[]): Promise<string> {
  const { refused, said } = await command(...args);
  expect(refused, said).toBe(false);
  return said;
}
