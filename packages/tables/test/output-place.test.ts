import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { findOutputPlace } from "@oddflow/tables";
import { describe, expect, test } from "vitest";
import { makeTableFolder } from "./table-folder.ts";

const tables = await makeTableFolder();

function makeFolder(name: string): string {
  mkdirSync(tables.at(name));
  return tables.at(name);
}

describe("what a killed process left beside an output", () => {
  test("is removed by the next run for the same output, and nothing else is", async () => {
    const folder = makeFolder("left");
    const output = join(folder, "scored.csv");
    const first = await findOutputPlace(output, []);
    const [, machine, mark] =
      /^\.scored\.csv\.([0-9a-f]{8})-([0-9]+-[0-9a-f]{8})-/.exec(basename(first.temporary)) ?? [];
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    const start = mark?.split("-")[1];
    const left = [
      `.scored.csv.${machine}-${gone}-${start}-0123abcd.tmp`,
      `.scored.csv.${machine}-${gone}-${start}-0123abcd.tmp.17`,
      // The number of a process that is at work, which began at another time.
      ...(existsSync("/proc/self/stat")
        ? [`.scored.csv.${machine}-${process.pid}-0badcafe-0123abcd.tmp`]
        : []),
    ];
    const others = [
      `.scored.csv.ffffffff-${gone}-${start}-0123abcd.tmp`,
      `.other.csv.${machine}-${gone}-${start}-0123abcd.tmp`,
      `.scored.csv.${machine}-notes.tmp`,
      "scored.csv.bak",
    ];
    for (const name of [...left, ...others]) writeFileSync(join(folder, name), "x");
    const second = await findOutputPlace(output, []);
    expect(readdirSync(folder).sort()).toEqual(
      [...others, basename(first.temporary), basename(second.temporary)].sort(),
    );
    await first.fill(Buffer.from("first"));
    await first.take();
    await second.fill(Buffer.from("second"));
    await second.take();
    expect(readFileSync(output, "utf8")).toBe("second");
    expect(readdirSync(folder).sort()).toEqual([...others, "scored.csv"].sort());
  });

  test("a long name leaves room for it", async () => {
    const folder = makeFolder("long");
    const output = join(folder, `${"ä".repeat(122)}.parquet`);
    const place = await findOutputPlace(output, []);
    await place.fill(Buffer.from("x"));
    await place.take();
    expect(existsSync(output)).toBe(true);
  });
});

describe("a folder that goes while a file is written to it", () => {
  const ways: [string, (folder: string) => void][] = [
    ["removed", (folder) => rmSync(folder, { recursive: true })],
    ["moved", (folder) => renameSync(folder, `${folder}-elsewhere`)],
    [
      "replaced by a file",
      (folder) => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "");
      },
    ],
  ];

  test.each(ways)("%s: one refusal, whether it is filled or put in place", async (name, go) => {
    for (const [step, isFilled] of [
      ["fill", false],
      ["take", true],
    ] as const) {
      const place = await findOutputPlace(join(makeFolder(`${name} ${step}`), "model.onnx"), []);
      if (isFilled) await place.fill(Buffer.from("whole"));
      go(dirname(place.temporary));
      const finish = isFilled ? place.take() : place.fill(Buffer.from("whole"));
      await expect(finish).rejects.toMatchObject({
        code: "OUTPUT_UNWRITABLE",
        message: expect.stringMatching(/model\.onnx cannot be written: .*(there is no folder|is no folder)/),
      });
      await place.discard();
    }
  });

  test("a folder that stays, without the unfinished file", async () => {
    const place = await findOutputPlace(join(makeFolder("emptied"), "model.onnx"), []);
    await place.fill(Buffer.from("whole"));
    rmSync(place.temporary);
    await expect(place.take()).rejects.toMatchObject({
      code: "OUTPUT_UNWRITABLE",
      message: expect.stringContaining("was removed meanwhile"),
    });
  });
});
