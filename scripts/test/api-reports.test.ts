import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { makeApiReports } from "../api/api-reports.ts";

// In the checkout, where the types of Node are found.
const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));
mkdirSync(BUILT, { recursive: true });
const folder = mkdtempSync(join(BUILT, "api-"));
afterAll(() => rmSync(folder, { recursive: true }));

const entry = { packageName: "sensor", folder, name: "index", declarations: "dist/index.d.ts" };

function declare(flow: string): void {
  mkdirSync(join(folder, "dist"), { recursive: true });
  mkdirSync(join(folder, "api"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "sensor", "version": "1.0.0", "type": "module" }');
  // As tsc writes them: with the sources' endings. `Flow` is handed out, and not exported by the entry.
  writeFileSync(join(folder, "dist", "flow.d.ts"), `export interface Flow { ${flow} }\n`);
  writeFileSync(
    join(folder, "dist", "index.d.ts"),
    'import type { Flow } from "./flow.ts";\nexport declare function read(): Flow;\n',
  );
}

test("a field that goes from a type which an entry only hands out is another API", () => {
  const state = (isWriting: boolean): string | undefined =>
    makeApiReports([entry], join(folder, "temporary"), isWriting)[0]?.state;
  declare("readonly bytes: number; readonly packets: number;");
  expect(state(true)).toBe("written");
  declare("readonly bytes: number;");
  expect(state(false)).toBe("changed");
});
