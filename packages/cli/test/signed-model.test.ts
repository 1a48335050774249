import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createScorer, signModel } from "@oddflow/inference/node";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { FLOWS, MODEL, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

/** Writes an Ed25519 key pair as openssl does; gives the two files. */
function makeKeys(name: string): { readonly privateKey: string; readonly publicKey: string } {
  const keys = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
    publicKeyEncoding: { format: "pem", type: "spki" },
  });
  writeFileSync(at(`${name}.pem`), keys.privateKey);
  writeFileSync(at(`${name}.pub.pem`), keys.publicKey);
  return { privateKey: at(`${name}.pem`), publicKey: at(`${name}.pub.pem`) };
}

const own = makeKeys("own");
const other = makeKeys("other");
const signed = at("signed.onnx");
const changed = at("changed.onnx");

beforeAll(() => {
  const { model } = signModel(readFileSync(MODEL), readFileSync(own.privateKey, "utf8"));
  writeFileSync(signed, model);
  const copy = model.slice();
  // Within a weight, so that it is a model still.
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  writeFileSync(changed, copy);
});

async function refused(args: string[], status: number, message: RegExp): Promise<void> {
  const finished = await run("oddflow", args);
  expect(finished.stderr).toMatch(message);
  expect([args[0], finished.stderr.trimEnd().split("\n").length, finished.status]).toEqual([
    args[0],
    1,
    status,
  ]);
}

test("sign writes a model that verify accepts with the key's public half, and no other", async () => {
  const finished = await run("oddflow", ["sign", MODEL, "--key", own.privateKey, "-o", at("new.onnx")]);
  expect(finished).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(at("new.onnx")).equals(readFileSync(signed))).toBe(true);
  const [verified] = await Promise.all([
    run("oddflow", ["verify", signed, "--key", own.publicKey]),
    refused(["verify", signed, "--key", other.publicKey], 3, /signed\.onnx: it is signed with another key/),
    refused(["verify", MODEL, "--key", own.publicKey], 3, /unsw-nb15\.onnx: it is not signed/),
  ]);
  expect(verified.stdout).toMatch(/signed\.onnx: signed with the key [0-9a-f]{64}\n$/);
  expect(verified.status).toBe(0);
});

test("a key of the wrong half or kind and no key at all are wrong usage", async () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(at("rsa.pem"), rsa.privateKey.export({ format: "pem", type: "pkcs8" }));
  await Promise.all([
    refused(["verify", signed, "--key", own.privateKey], 2, /own\.pem: a private key found/),
    refused(["verify", signed, "--key", at("none.pem")], 2, /none\.pem: no such file/),
    refused(["sign", signed, "--key", own.publicKey], 2, /own\.pub\.pem: no private key/),
    refused(["sign", signed, "--key", at("rsa.pem")], 2, /rsa\.pem: a private key of rsa/),
  ]);
});

describe("--trust", () => {
  const commands = (model: string): string[][] => [
    ["score", FLOWS, "-m", model, "-o", at("scored.parquet")],
    ["score", "-", "-m", model],
    ["serve", model, "--port", "0"],
    ["evaluate", FLOWS, "-m", model],
    ["drift", model, FLOWS],
    ["recalibrate", model, FLOWS, "-o", at("recalibrated.onnx")],
    ["inspect", model],
    ["workbench", "-m", model, "--port", "0"],
  ];

  test("refuses what the key has not signed, in every command that opens a model", async () => {
    const all = commands(MODEL).map((args) =>
      refused([...args, "--trust", own.publicKey], 3, /unsw-nb15\.onnx: it is not signed/),
    );
    all.push(
      refused(["inspect", changed, "--trust", own.publicKey], 3, /its signature is not that of these bytes/),
    );
    await Promise.all(all);
  });

  test("takes a model that one of its keys has signed, and says so", async () => {
    writeFileSync(
      at("both.pem"),
      readFileSync(other.publicKey, "utf8") + readFileSync(own.publicKey, "utf8"),
    );
    const out = at("scored.parquet");
    const [inspected, scored] = await Promise.all([
      run("oddflow", ["inspect", signed, "--trust", at("both.pem")]),
      run("score-batch", [FLOWS, "-m", signed, "-o", out, "--trust", own.publicKey]),
    ]);
    expect(inspected.stdout).toMatch(/\nsigned {2}with the key [0-9a-f]{64}, which is in/);
    expect([inspected.status, scored.status, scored.stderr]).toEqual([0, 0, ""]);
  });

  test("is gone when the model becomes another by recalibration, which says so", async () => {
    const args = [
      "recalibrate",
      signed,
      FLOWS,
      "-o",
      at("recalibrated.onnx"),
      "--limit",
      "1",
      "--json",
      "--trust",
      own.publicKey,
    ];
    const finished = await run("oddflow", args);
    expect(JSON.parse(finished.stdout)).toMatchObject({
      written: at("recalibrated.onnx"),
      signatureDropped: true,
    });
    await refused(["verify", at("recalibrated.onnx"), "--key", own.publicKey], 3, /it is not signed/);
    const scorer = await createScorer(at("recalibrated.onnx"));
    await scorer.close();
  });
});
