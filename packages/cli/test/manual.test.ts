import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/command-list.ts";
import { programForms } from "../src/commands/completion.ts";
import { manualPage } from "./manual-page.ts";
import { ROOT } from "./run-cli.ts";

const { version, man }: { version: string; man: string[] } = JSON.parse(
  readFileSync(join(ROOT, "packages/cli/package.json"), "utf8"),
);

test("the manual pages say what the commands take; `npx vitest run packages/cli/test/manual.test.ts -u` writes them", async () => {
  const forms = await programForms(COMMANDS);
  const names = forms.map(({ words }) => words.join(" "));
  expect(man).toEqual(names.map((name) => `man/${name}.1`));
  for (const [i, form] of forms.entries()) {
    const others = names.filter((_, k) => k !== i);
    await expect(manualPage(form, version, others)).toMatchFileSnapshot(`../man/${names[i]}.1`);
  }
});

const hasMandoc = spawnSync("mandoc", ["-V"]).error === undefined;

test.skipIf(!hasMandoc)("mandoc finds nothing wrong with them but that they have no date", async () => {
  for (const form of await programForms(COMMANDS)) {
    const input = manualPage(form, version, []);
    const { stdout } = spawnSync("mandoc", ["-T", "lint"], { input, encoding: "utf8" });
    expect(stdout.trim().split("\n")).toEqual([expect.stringContaining("missing date")]);
  }
});
