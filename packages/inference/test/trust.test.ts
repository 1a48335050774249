import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import * as node from "@oddflow/inference/node";
import * as web from "@oddflow/inference/web";
import { readModelSummary, replaceMetadata, sealModel } from "@oddflow/onnx";
import { describe, expect, test } from "vitest";

const privateKeyEncoding = { format: "pem", type: "pkcs8" } as const;
const publicKeyEncoding = { format: "pem", type: "spki" } as const;
const own = generateKeyPairSync("ed25519", { privateKeyEncoding, publicKeyEncoding });
const other = generateKeyPairSync("ed25519", { privateKeyEncoding, publicKeyEncoding });
const plain = readFileSync(new URL("../../../fixtures/unsw-nb15.onnx", import.meta.url));
const { model, keyId } = node.signModel(plain, own.privateKey);

describe.each([
  [
    "node",
    (bytes: Uint8Array, trust: string) => node.createScorer(bytes, { provider: "cpu", threads: 1, trust }),
  ],
  ["web", (bytes: Uint8Array, trust: string) => web.createScorer(bytes, { trust })],
] as const)("%s: a scorer that trusts a key", (_, open) => {
  test("opens what the key has signed, and nothing else", async () => {
    await (await open(model, own.publicKey)).close();
    await (await open(model, other.publicKey + own.publicKey)).close();
    const untrusted = { code: "MODEL_UNTRUSTED" };
    await expect(open(plain, own.publicKey)).rejects.toMatchObject(untrusted);
    await expect(open(model, other.publicKey)).rejects.toMatchObject(untrusted);
    await expect(open(sealModel(model), own.publicKey)).rejects.toMatchObject(untrusted);
  });

  test("is not deceived by bytes that changed after they were signed", async () => {
    const entries = new Map([["oddflow.training", '{"by":"somebody else"}']]);
    // As they are, as a former format, which has no digest, and with a new digest and the old signature.
    const unsealed = replaceMetadata(model, entries);
    const former = replaceMetadata(
      unsealed,
      new Map([
        ["oddflow.format", "1"],
        ["oddflow.digest", undefined],
      ]),
    );
    const signature = readModelSummary(model).metadata.get("oddflow.signature");
    const resealed = replaceMetadata(sealModel(unsealed), new Map([["oddflow.signature", signature]]));
    for (const bytes of [unsealed, former, resealed]) {
      await expect(open(bytes, own.publicKey)).rejects.toMatchObject({ code: "MODEL_UNTRUSTED" });
    }
    // The signature of one key under the name of another.
    const renamed = replaceMetadata(
      plain,
      new Map([
        ["oddflow.signature", signature?.replace(keyId, node.signModel(plain, other.privateKey).keyId)],
      ]),
    );
    await expect(open(renamed, other.publicKey)).rejects.toMatchObject({ code: "MODEL_UNTRUSTED" });
  });

  test("needs a public key of Ed25519", async () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding, publicKeyEncoding });
    for (const key of ["", "a key", own.privateKey, ec.publicKey, own.publicKey.replace("MCow", "MCo!")]) {
      await expect(open(model, key)).rejects.toMatchObject({ code: "KEY_INVALID" });
    }
  });
});

test("a signature leaves the scores and every byte before it as they were", async () => {
  expect(plain.equals(model.subarray(0, plain.length))).toBe(true);
  expect(await node.verifyModel(model, own.publicKey)).toBe(keyId);
  // Signing again replaces it.
  expect(Buffer.from(model).equals(node.signModel(model, own.privateKey).model)).toBe(true);
});
