import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OddflowError } from "@oddflow/preprocessing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type FetchDatasetOptions, fetchDataset } from "../src/datasets/fetch-dataset.ts";
import {
  PUBLIC_DATASETS,
  type PublicDataset,
  type PublicFile,
  within,
} from "../src/datasets/public-datasets.ts";
import { gives, startFileServer } from "./file-server.ts";
import { ROOT, run, temporaryFolder } from "./run-cli.ts";

/** A Python with pyarrow; `.ci/run` makes one. */
const PYTHON = process.env["ODDFLOW_PYTHON"];
const PARQUET = join(ROOT, "../shared/data/nsl-kdd");

const NSL_KDD = datasetOf("nsl-kdd");

const home = temporaryFolder();
const server = await startFileServer();
let folders = 0;
const newFolder = (): string => join(home, `folder-${folders++}`);

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
/** Bytes that look like no others. */
function noise(length: number, seed: number): Buffer {
  const pieces = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(pieces).subarray(0, length);
}
const training = noise(300_000, 1);
const other = noise(300_000, 2);
const small = noise(1000, 3);

function datasetOf(name: string): PublicDataset {
  return PUBLIC_DATASETS.find((one) => one.name === name) ?? expect.unreachable(`there is no ${name}`);
}

function described(name: string, bytes: Buffer): PublicFile {
  return {
    name,
    bytes: bytes.length,
    sha256: sha256(bytes),
    flows: 1,
    sources: within([server.url], name),
  };
}

const dataset: PublicDataset = {
  name: "made-up",
  title: "made up",
  page: "http://127.0.0.1/",
  terms: "none",
  citation: "none",
  training: described("train+.csv", training),
  test: described("test+.csv", small),
};

const quick: FetchDatasetOptions = {
  signal: new AbortController().signal,
  stallSeconds: 20,
  slowestRate: 1024,
  pauseSeconds: 0,
};
const hurried: FetchDatasetOptions = { ...quick, stallSeconds: 0.3, slowestRate: 10_000 };

/** A folder that has the small file, so that only the other is asked for. */
function halfFull(): string {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "test+.csv"), small);
  return folder;
}

async function refusal(folder: string, options = quick): Promise<OddflowError> {
  const error: OddflowError = await fetchDataset(dataset, folder, options).then(
    () => expect.unreachable("it was fetched"),
    (thrown) => thrown,
  );
  expect(error.name).toBe("OddflowError");
  expect(error.message).not.toContain("\n");
  expect(existsSync(join(folder, "train+.csv"))).toBe(false);
  return error;
}

const fetched = (folder: string): Buffer => readFileSync(join(folder, "train+.csv"));

describe("a file that comes", () => {
  test("is whole under its name, with nothing beside it, and is not asked for again", async () => {
    const folder = newFolder();
    server.answerWith(gives({ bytes: training, etag: '"1"' }), gives({ bytes: small }));
    const first = await fetchDataset(dataset, folder, quick);
    expect(fetched(folder).equals(training)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["test+.csv", "train+.csv"]);
    const second = await fetchDataset(dataset, folder, quick);
    expect(server.ranges).toHaveLength(2);
    expect([first, second].map((files) => files.map(({ wasPresent }) => wasPresent))).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  test("goes on behind what an interrupted transfer brought", async () => {
    const folder = halfFull();
    const whole = { bytes: training, etag: '"1"' };
    server.answerWith(gives({ ...whole, cutAfter: 100_000 }), gives(whole));
    await fetchDataset(dataset, folder, quick);
    expect(fetched(folder).equals(training)).toBe(true);
    expect(server.ranges[0]).toBeUndefined();
    expect(Number(server.ranges[1]?.match(/\d+/)?.[0])).toBeGreaterThan(0);
  });

  test("goes on in a later run, and never passes for whole before", async () => {
    const folder = halfFull();
    const whole = { bytes: training, etag: '"1"' };
    const stop = new AbortController();
    server.answerWith(gives({ ...whole, cutAfter: 100_000 }), () => stop.abort(new Error("stopped")));
    await expect(fetchDataset(dataset, folder, { ...quick, signal: stop.signal })).rejects.toThrow("stopped");
    expect(existsSync(join(folder, "train+.csv"))).toBe(false);
    const had = statSync(join(folder, "train+.csv.partial")).size;
    expect(had).toBeGreaterThan(0);
    server.answerWith(gives(whole));
    await fetchDataset(dataset, folder, quick);
    expect(server.ranges).toEqual([`bytes=${had}-`]);
    expect(fetched(folder).equals(training)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test("is written by one process at a time, and by another where that one is no more", async () => {
    const folder = halfFull();
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      server.answerWith((request, response) => {
        answer = () => gives({ bytes: training })(request, response);
        resolve();
      });
    });
    const first = fetchDataset(dataset, folder, quick);
    await asked;
    expect(await refusal(folder)).toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringMatching(/train\+\.csv is being fetched by process \d+; wait for that/),
    });
    answer();
    await first;
    expect(fetched(folder).equals(training)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(2);
    const late = halfFull();
    const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(gone, "close");
    writeFileSync(join(late, "train+.csv.partial.lock"), String(gone.pid));
    server.answerWith(gives({ bytes: training }));
    await fetchDataset(dataset, late, quick);
    expect(readdirSync(late)).toHaveLength(2);
  });

  test("begins anew where the server knows no ranges", async () => {
    const folder = halfFull();
    server.answerWith(gives({ bytes: training, cutAfter: 200_000 }), gives({ bytes: training }));
    await fetchDataset(dataset, folder, quick);
    expect(server.ranges).toEqual([undefined, undefined]);
    expect(fetched(folder).equals(training)).toBe(true);
  });

  test("is not pieced together from two versions", async () => {
    const folder = halfFull();
    server.answerWith(
      gives({ bytes: other, etag: '"old"', cutAfter: 100_000 }),
      gives({ bytes: training, etag: '"new"' }),
    );
    await fetchDataset(dataset, folder, quick);
    expect(fetched(folder).equals(training)).toBe(true);
  });

  test("is asked for from the start where what lay there was another's, whatever the server says of it", async () => {
    const folder = halfFull();
    const path = join(folder, "train+.csv.partial");
    writeFileSync(path, other.subarray(0, 1000));
    writeFileSync(`${path}.origin`, JSON.stringify({ url: dataset.training.sources[0], validator: '"1"' }));
    server.answerWith(gives({ bytes: training, etag: '"1"' }));
    await fetchDataset(dataset, folder, quick);
    expect(server.ranges).toEqual(["bytes=1000-", undefined]);
    expect(fetched(folder).equals(training)).toBe(true);
  });

  test("comes from a server that sends it in one go and ends the connection", async () => {
    const folder = halfFull();
    const large = Buffer.alloc(16_000_000, "flows ");
    server.answerWith((_request, response) => {
      response.writeHead(200, { connection: "close", "content-length": large.length }).end(large);
    });
    const file = { ...dataset.training, bytes: large.length, sha256: sha256(large) };
    await fetchDataset({ ...dataset, training: file }, folder, quick);
    expect(fetched(folder).equals(large)).toBe(true);
  });

  test("is found behind a redirect, and at the next place where the first has it not", async () => {
    const folder = halfFull();
    const places = {
      ...dataset,
      training: { ...dataset.training, sources: within([`${server.url}/gone`, server.url], "train+.csv") },
    };
    server.answerWith(
      (_request, response) => response.writeHead(404).end("gone"),
      (_request, response) => response.writeHead(302, { location: `${server.url}/elsewhere` }).end(),
      gives({ bytes: training }),
    );
    await fetchDataset(places, folder, quick);
    expect(fetched(folder).equals(training)).toBe(true);
  });
});

describe("what is no such file is refused in one line that says where it is", () => {
  const page = Buffer.from("<!DOCTYPE html><title>Please log in</title>");

  test.each<[string, () => void, string, RegExp]>([
    [
      "another file of the same length",
      () => server.answerWith(gives({ bytes: other })),
      "DOWNLOAD_MISMATCH",
      /SHA-256/,
    ],
    [
      "a shorter file",
      () => server.answerWith(gives({ bytes: small })),
      "DOWNLOAD_MISMATCH",
      /it has 1,000 bytes, 300,000 were expected/,
    ],
    [
      "a longer one whose length is not told",
      () =>
        server.answerWith((_request, response) => {
          response.write(training);
          response.end(small);
        }),
      "DOWNLOAD_MISMATCH",
      /it has more than the 300,000 bytes/,
    ],
    [
      "an HTML page",
      () =>
        server.answerWith((_request, response) =>
          response.writeHead(200, { "content-type": "text/html" }).end(page),
        ),
      "DOWNLOAD_FAILED",
      /an HTML page came/,
    ],
    [
      "an HTML page that does not say so",
      () => server.answerWith((_request, response) => void response.write(page)),
      "DOWNLOAD_FAILED",
      /an HTML page came/,
    ],
    [
      "nothing under this address",
      () => server.answerWith((_request, response) => response.writeHead(404).end()),
      "DOWNLOAD_FAILED",
      /127\.0\.0\.1:\d+: it answers 404 Not Found/,
    ],
    [
      "a server that is always busy",
      () => server.answerWith((_request, response) => response.writeHead(503).end()),
      "DOWNLOAD_FAILED",
      /it answers 503/,
    ],
  ])("%s", async (_what, prepare, code, message) => {
    const folder = halfFull();
    prepare();
    const error = await refusal(folder);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`train+.csv (${server.url}/train%2B.csv) into ${folder}`);
    expect(error.message).not.toContain("test+.csv");
  });

  test("a server that breaks off without end", async () => {
    server.answerWith(gives({ bytes: training, etag: '"1"', cutAfter: 10_000 }));
    expect((await refusal(halfFull())).code).toBe("DOWNLOAD_FAILED");
    expect(server.ranges.length).toBeLessThan(20);
  });

  test.each([
    ["stands still", 0],
    ["trickles", 100],
  ])("a server that %s", async (_what, bytes) => {
    server.answerWith((request, response) => {
      response.writeHead(200, { "content-length": training.length });
      response.write(training.subarray(0, 1000));
      const timer = setInterval(() => response.write(training.subarray(0, bytes)), 20);
      request.on("close", () => clearInterval(timer));
    });
    expect((await refusal(halfFull(), hurried)).message).toMatch(/it gave [\d,]+ bytes in 0\.3 s/);
  });

  test("a port where nobody is", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, "close");
    const nowhere = { ...dataset.training, sources: within([`http://127.0.0.1:${port}`], "train+.csv") };
    const error: OddflowError = await fetchDataset(
      { ...dataset, training: nowhere },
      halfFull(),
      quick,
    ).catch((e) => e);
    expect(error).toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("a proxy", () => {
  afterEach(() => vi.unstubAllEnvs());

  /** A proxy that makes every tunnel one to the server of files, or none. */
  async function proxy(status: 200 | 403): Promise<string> {
    const tunnels = createServer();
    tunnels.on("connect", (_request, socket) => {
      if (status === 403) {
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      const through = connect(Number(new URL(server.url).port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        through.pipe(socket).pipe(through);
      });
      for (const end of [socket, through]) end.on("error", () => through.destroy());
    });
    tunnels.listen(0, "127.0.0.1");
    await once(tunnels, "listening");
    tunnels.unref();
    return `http://127.0.0.1:${(tunnels.address() as AddressInfo).port}`;
  }

  const beyond = {
    ...dataset,
    training: { ...dataset.training, sources: within(["http://flows.invalid"], "train+.csv") },
  };

  test("is gone through where the environment names one", async () => {
    vi.stubEnv("HTTP_PROXY", await proxy(200));
    const folder = halfFull();
    server.answerWith(gives({ bytes: training }));
    await fetchDataset(beyond, folder, quick);
    expect(fetched(folder).equals(training)).toBe(true);
  });

  test("that refuses is named", async () => {
    vi.stubEnv("HTTP_PROXY", await proxy(403));
    const error: OddflowError = await fetchDataset(beyond, halfFull(), quick).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("flows.invalid: the proxy answers 403"),
    });
  });
});

describe("what is in the folder already", () => {
  test("is never written over when it is another file", async () => {
    const folder = halfFull();
    writeFileSync(join(folder, "train+.csv"), other);
    await expect(fetchDataset(dataset, folder, quick)).rejects.toMatchObject({
      code: "DOWNLOAD_MISMATCH",
      message: expect.stringMatching(/train\+\.csv has 300,000 bytes with SHA-256 .* move it away/),
    });
    expect(fetched(folder).equals(other)).toBe(true);
  });

  test("is told when the two files have each other's names", async () => {
    const folder = halfFull();
    writeFileSync(join(folder, "train+.csv"), small);
    await expect(fetchDataset(dataset, folder, quick)).rejects.toThrow("is test+.csv under another name");
  });
});

test("a folder that cannot be made is refused", async () => {
  for (const folder of [join(home, "no", "such"), join(home, "a-file", "folder")]) {
    writeFileSync(join(home, "a-file"), "");
    await expect(fetchDataset(dataset, folder, quick)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  }
});

describe("oddflow fetch", () => {
  test("lists what there is, and refuses what it does not know", async () => {
    const { status, stdout } = await run("oddflow", ["fetch"]);
    expect(status).toBe(0);
    for (const { name, citation, training } of PUBLIC_DATASETS) {
      for (const text of [name, citation, training.name]) expect(stdout).toContain(text);
    }
    const unknown = await run("oddflow", ["fetch", "kdd"]);
    expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining("unsw-nb15, nsl-kdd") });
  });

  test("Ctrl-C leaves the partial file alone, and the next run goes on from it", async () => {
    const folder = newFolder();
    const args = ["fetch", "nsl-kdd", "--mirror", server.url, "--out", folder];
    const first = new Promise<void>((resolve) => {
      server.answerWith((_request, response) => {
        response.writeHead(200, { etag: '"1"', "content-length": 19_109_424 });
        response.write(training, () => resolve());
      });
    });
    const child = spawn(process.execPath, [join(ROOT, "packages/cli/bin/oddflow.js"), ...args]);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    await first;
    const partial = join(folder, "KDDTrain+.txt.partial");
    await vi.waitUntil(() => existsSync(partial) && statSync(partial).size === training.length, {
      timeout: 20_000,
    });
    child.kill("SIGINT");
    const [status] = await once(child, "close");
    expect(status).toBe(130);
    expect(stderr).toBe(
      `oddflow: interrupted; ${partial} has 300,000 bytes, the next run goes on from there\n`,
    );
    expect(readdirSync(folder).sort()).toEqual(["KDDTrain+.txt.partial", "KDDTrain+.txt.partial.origin"]);
    server.answerWith((_request, response) => response.writeHead(404).end());
    const sources = within([server.url], NSL_KDD.training.name);
    const mirrored = { ...NSL_KDD, training: { ...NSL_KDD.training, sources } };
    await expect(fetchDataset(mirrored, folder, quick)).rejects.toMatchObject({ code: "DOWNLOAD_FAILED" });
    expect(server.ranges).toEqual(["bytes=300000-"]);
  });

  test.skipIf(PYTHON === undefined || !existsSync(PARQUET))(
    "takes the real NSL-KDD from the folder, where somebody put it (skipped without ODDFLOW_PYTHON and ../shared/data)",
    async () => {
      const folder = newFolder();
      mkdirSync(folder);
      execFileSync(PYTHON ?? "", [
        fileURLToPath(new URL("nsl_kdd_text.py", import.meta.url)),
        PARQUET,
        folder,
      ]);
      const { status, stdout, stderr } = await run("oddflow", ["fetch", "nsl-kdd", "--out", folder]);
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(stdout).toContain(`${folder}/KDDTrain+.txt  19.1 MB, was there, has the SHA-256 it must have`);
      expect(stdout).toContain(`oddflow train ${folder}/KDDTrain+.txt -o nsl-kdd.onnx`);
    },
  );
});
