import { generateKeyPairSync } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { signModel } from "@oddflow/inference/node";
import { replaceMetadata, sealModel } from "@oddflow/onnx";
import { OddflowError } from "@oddflow/preprocessing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ModelChanges, type ModelTaker } from "../src/model-changes.ts";
import { type OpenedModel, openModelFile, versionOf } from "../src/opened-model.ts";
import { constantModel } from "./constant-model.ts";
import { temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const [first, second, third] = [constantModel(1), constantModel(2), constantModel(3)];
const names = new Map([first, second, third].map((bytes, k) => [versionOf(bytes), k + 1]));
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  vi.restoreAllMocks();
});

interface Watched {
  readonly path: string;
  readonly changes: ModelChanges;
  /** Numbers of the models that were taken, and "refused". */
  readonly events: (number | undefined | "refused")[];
  /** What was said on standard error. */
  said(): string;
}

/** Watches a file that holds the first model. */
async function watch(
  write = (path: string) => writeFileSync(path, first),
  trust?: string,
  take: ModelTaker["take"] = async () => {},
): Promise<Watched> {
  const path = join(mkdtempSync(join(folder, "place-")), "model.onnx");
  write(path);
  const place = { path, trust, provider: "cpu", threads: 1 } as const;
  const events: Watched["events"] = [];
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const opened = await openModelFile(place);
  const scorers = [opened.scorer];
  const changes = new ModelChanges(place, opened, {
    take: async (model: OpenedModel) => {
      await take(model);
      scorers.push(model.scorer);
      events.push(names.get(model.version));
    },
    refuse: () => events.push("refused"),
  });
  endings.push(async () => {
    await changes.close();
    for (const scorer of scorers) await scorer.close();
  });
  return { path, changes, events, said: () => said.join("") };
}

const until = (watched: Watched, wanted: Watched["events"]): Promise<void> =>
  vi.waitFor(() => expect(watched.events).toEqual(wanted), { timeout: 8000, interval: 10 });

describe("a file that comes to hold another model is taken", () => {
  test("in place, by renaming and after it was gone, with a line for each", async () => {
    const watched = await watch();
    const { path } = watched;
    writeFileSync(path, second);
    await until(watched, [2]);
    writeFileSync(`${path}.new`, third);
    renameSync(`${path}.new`, path);
    await until(watched, [2, 3]);
    rmSync(path);
    await sleep(300);
    writeFileSync(path, first);
    await until(watched, [2, 3, 1]);
    const [a, b, c] = [first, second, third].map((bytes) => versionOf(bytes).slice(0, 12));
    expect(watched.said()).toBe(
      [
        `model      ${path}: ${b} scores from now on, ${a} did\n`,
        `model      ${path}: ${c} scores from now on, ${b} did\n`,
        `model      ${path}: ${a} scores from now on, ${c} did\n`,
      ].join(""),
    );
  });

  test("behind links that are switched as a ConfigMap's are", async () => {
    const watched = await watch((path) => {
      const at = (name: string): string => join(path, "..", name);
      for (const [name, bytes] of [
        ["one", first],
        ["two", second],
      ] as const) {
        mkdirSync(at(name));
        writeFileSync(join(at(name), "model.onnx"), bytes);
      }
      symlinkSync("one", at("..data"));
      symlinkSync("..data/model.onnx", path);
    });
    const link = join(watched.path, "..", "..data");
    symlinkSync("two", `${link}_tmp`);
    renameSync(`${link}_tmp`, link);
    await until(watched, [2]);
  });

  test("with the size and the time of the one before", async () => {
    const time = new Date(1_740_000_000_000);
    const watched = await watch((path) => {
      writeFileSync(path, first);
      utimesSync(path, time, time);
    });
    expect(second.length).toBe(first.length);
    writeFileSync(watched.path, second);
    utimesSync(watched.path, time, time);
    await until(watched, [2]);
  });

  test("when it is whole, however slowly it is written", async () => {
    const watched = await watch();
    const file = openSync(watched.path, "w");
    for (let at = 0; at < second.length; at += Math.ceil(second.length / 10)) {
      writeSync(file, second, at, Math.min(Math.ceil(second.length / 10), second.length - at));
      await sleep(30);
    }
    closeSync(file);
    await until(watched, [2]);
  });

  test("and not where its bytes are the same", async () => {
    const watched = await watch();
    copyFileSync(watched.path, `${watched.path}.new`);
    renameSync(`${watched.path}.new`, watched.path);
    watched.changes.readNow();
    await vi.waitFor(() => expect(watched.said()).toMatch(/: [0-9a-f]{12} scores already\n$/));
    writeFileSync(watched.path, second);
    await until(watched, [2]);
  });
});

describe("a file that cannot score is refused with one line, and the model before goes on", () => {
  const damaged = second.slice();
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  const otherVersion = sealModel(replaceMetadata(second, new Map([["oddflow.format", "999"]])));
  const notFinite = constantModel(Number.NaN);

  test("whatever is wrong with it", async () => {
    const watched = await watch();
    const version = versionOf(first).slice(0, 12);
    const bad: readonly (readonly [Uint8Array | string, RegExp])[] = [
      [second.subarray(0, second.length / 2), /read model: /],
      ["", /read model: /],
      ["<html>404</html>\n", /read model: /],
      [damaged, /read model: /],
      [otherVersion, /999/],
      [notFinite, /the model gives NaN as its/],
    ];
    for (const [k, [bytes, reason]] of bad.entries()) {
      writeFileSync(watched.path, bytes);
      await until(watched, new Array(k + 1).fill("refused"));
      const lines = watched.said().trimEnd().split("\n");
      expect(lines).toHaveLength(k + 1);
      expect(lines[k]).toMatch(reason);
      expect(lines[k]).toContain(`${watched.path} is refused, and ${version} goes on scoring: `);
    }
    // The same bytes again are nothing new; whoever asks is told again.
    writeFileSync(watched.path, notFinite);
    await sleep(300);
    expect(watched.events).toHaveLength(bad.length);
    watched.changes.readNow();
    await until(watched, new Array(bad.length + 1).fill("refused"));
    writeFileSync(watched.path, second);
    await until(watched, [...new Array(bad.length + 1).fill("refused"), 2]);
  });

  test("one that is not signed, where that is asked for", async () => {
    const keys = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { format: "pem", type: "pkcs8" },
      publicKeyEncoding: { format: "pem", type: "spki" },
    });
    const trust = join(folder, "key.pem");
    writeFileSync(trust, keys.publicKey);
    const signed = (bytes: Uint8Array): Uint8Array => signModel(bytes, keys.privateKey).model;
    names.set(versionOf(signed(third)), 33);
    const watched = await watch((path) => writeFileSync(path, signed(first)), trust);
    writeFileSync(watched.path, second);
    await until(watched, ["refused"]);
    expect(watched.said()).toMatch(/it is not signed/);
    writeFileSync(watched.path, signed(third));
    await until(watched, ["refused", 33]);
  });

  test("one that its door does not take, and what is no file", async () => {
    const watched = await watch(undefined, undefined, async ({ version }) => {
      if (names.get(version) === 2) throw new OddflowError("USAGE", "not this one");
    });
    writeFileSync(watched.path, second);
    await until(watched, ["refused"]);
    expect(watched.said()).toMatch(/goes on scoring: not this one\n$/);
    rmSync(watched.path);
    watched.changes.readNow();
    await until(watched, ["refused", "refused"]);
    expect(watched.said()).toMatch(
      /goes on scoring: open model: .*model\.onnx: no such file; name a model file\n$/,
    );
    mkdirSync(watched.path);
    await until(watched, ["refused", "refused", "refused"]);
    rmSync(watched.path, { recursive: true });
    writeFileSync(watched.path, third);
    await until(watched, ["refused", "refused", "refused", 3]);
  });
});

test("models that follow each other closely are taken one after the other, the last one at last", async () => {
  const watched = await watch(undefined, undefined, () => sleep(50));
  for (let k = 0; k < 12; k++) {
    writeFileSync(`${watched.path}.new`, [second, third, first][k % 3] ?? first);
    renameSync(`${watched.path}.new`, watched.path);
    await sleep(40);
  }
  writeFileSync(watched.path, third);
  await vi.waitFor(() => expect(watched.events.at(-1)).toBe(3), { timeout: 8000 });
  expect(watched.events).not.toContain("refused");
  expect(readFileSync(watched.path)).toEqual(Buffer.from(third));
});
