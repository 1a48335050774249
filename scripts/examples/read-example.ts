import { readFileSync } from "node:fs";

/** What an example's README says. */
export interface Example {
  /** The commands of its `sh` block. */
  readonly commands: string;
  /** What they print, by its `text` block. */
  readonly output: string;
}

/** @throws Error where the README lacks such a block, or has an empty one. */
export function readExample(path: string): Example {
  const text = readFileSync(path, "utf8");
  const block = (language: string): string => {
    const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(text)?.[1];
    if (found === undefined || found.trim() === "") throw new Error(`${path} has no \`\`\`${language} block`);
    return found;
  };
  return { commands: block("sh"), output: block("text") };
}
