import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../fixtures/sensors", import.meta.url));
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.parentPath !== folder)
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
const readme = readFileSync(join(folder, "README.md"), "utf8");

/** Of TEST-NET-1, 2 and 3, MCAST-TEST-NET, loopback, and what stands for no address. */
const DOCUMENTATION =
  /^(192\.0\.2|198\.51\.100|203\.0\.113|233\.252\.0|127\.0\.0)\.\d+$|^0\.0\.0\.0$|^2001:0?db8:/;
const ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?<![\w:])[\da-f]{4}:[\da-f]{1,4}:[\da-f:]+/g;

function text(file: string): string {
  const bytes = readFileSync(join(folder, file));
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1");
}

describe("fixtures/sensors", () => {
  test("the README names every file", () => {
    expect(files.filter((file) => !readme.includes(`${basename(file)}\``))).toEqual([]);
  });

  test.each(files)("%s holds addresses set aside for documentation only, and no path", (file) => {
    const content = text(file);
    expect([...new Set(content.match(ADDRESS))].filter((address) => !DOCUMENTATION.test(address))).toEqual(
      [],
    );
    expect(content).not.toMatch(/\/(tmp|root|home|exchange|var|work)\//);
  });

  test("files are small", () => {
    const sizes = files.map((file) => statSync(join(folder, file)).size);
    expect(Math.max(...sizes)).toBeLessThan(41_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(790_000);
  });
});
