import { OddflowError } from "@oddflow/preprocessing";
import type { RuleSet } from "@oddflow/rules";
import { FileContents } from "./file-contents.ts";
import type { Hangup } from "./hangup.ts";
import { versionOf } from "./opened-model.ts";
import { parsedRules, readRulesFile } from "./read-rules.ts";
import { complain, oneLine } from "./terminal.ts";

/** The rules of a file that may change while they act. */
export class LiveRules {
  /** Those that the file held when it was opened. */
  readonly first: RuleSet;
  readonly #path: string;
  readonly #version: string;
  readonly #hangup: Hangup;
  #contents: FileContents | undefined;

  private constructor(path: string, first: RuleSet, version: string, hangup: Hangup) {
    this.first = first;
    this.#path = path;
    this.#version = version;
    this.#hangup = hangup;
  }

  /**
   * @param path undefined where there are none
   * @param hangup has the file read again
   * @throws OddflowError RULES_INVALID
   */
  static async open(path: string | undefined, hangup: Hangup): Promise<LiveRules | undefined> {
    if (path === undefined) return undefined;
    const bytes = await readRulesFile(path);
    return new LiveRules(path, await parsedRules(bytes, path), versionOf(bytes), hangup);
  }

  /**
   * Has whoever uses them go on with what the file comes to hold. What is no file of rules is refused, and said on standard error.
   * @param change is called for one change after the other
   */
  watch(change: (rules: RuleSet) => Promise<void>): void {
    const path = this.#path;
    const contents = new FileContents(path, this.#version, {
      read: () => readRulesFile(path),
      async take(bytes) {
        const rules = await parsedRules(bytes, path);
        await change(rules);
        tell(`${path}: ${countText(rules)} from now on`);
      },
      keep: () => tell(`${path}: they act already`),
      refuse(thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        tell(`${path} is refused, and the former rules go on: ${reason}`);
      },
      noFile: () =>
        new OddflowError(
          "RULES_INVALID",
          `read rules: ${path}: it is no file that can be read again; name a file for rules that change`,
        ),
    });
    this.#contents = contents;
    this.#hangup.onHeard(() => contents.readNow());
  }

  /** Takes no more. Harmless twice. */
  async end(): Promise<void> {
    await this.#contents?.close();
  }
}

function countText({ rules }: RuleSet): string {
  return `${rules.length} ${rules.length === 1 ? "rule" : "rules"}`;
}

function tell(text: string): void {
  complain(`rules      ${oneLine(text)}\n`);
}
