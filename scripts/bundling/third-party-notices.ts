import { readFileSync, writeFileSync } from "node:fs";
import type { Plugin } from "rolldown";
import { type LicenseInfo, licensePlugin } from "rolldown-license-plugin";

/** What the file is called wherever a bundle lies. */
export const NOTICES_FILE = "THIRD-PARTY-NOTICES.txt";

/** Whose the MIT licensed packages are that come without the text of it, as their manifests say. */
const HOLDERS: Readonly<Record<string, string>> = {
  "@polka/url": "Luke Edwards <luke@lukeed.com> (https://lukeed.com)",
  "onnxruntime-common": "Microsoft Corporation",
  "onnxruntime-node": "Microsoft Corporation",
  "onnxruntime-web": "Microsoft Corporation",
  sirv: "Luke Edwards <luke@lukeed.com> (https://lukeed.com)",
};

/** This repository's own licence, from sources and from scripts/dist alike. */
const MIT = new URL(`${import.meta.url.split("/scripts/")[0]}/LICENSE`);

/** The licences of what bundles take of other packages, gathered over as many builds as there are. */
export class ThirdPartyNotices {
  readonly #found = new Map<string, LicenseInfo>();

  /** @param onGathered is called when a build has been gathered, before its files are written */
  plugin(onGathered?: (emit: (fileName: string, source: string) => void) => void): Plugin {
    return licensePlugin({
      done: (found, context) => {
        for (const each of found) this.#found.set(`${each.name}@${each.version}`, each);
        onGathered?.((fileName, source) => context.emitFile({ type: "asset", fileName, source }));
      },
    }) as Plugin;
  }

  /**
   * Each package with its licence.
   * @throws Error where one comes without the text of its licence
   */
  get text(): string {
    const sorted = [...this.#found].sort(([one], [other]) => (one < other ? -1 : 1));
    const notices = sorted.map(([name, info]) => `${name} (${info.license})\n\n${licenseText(info)}`);
    return ["What is bundled here holds code of these packages.", ...notices].join(
      `\n\n${"-".repeat(80)}\n\n`,
    );
  }

  /** Writes the file beside a bundle; none where nothing of others is in it. */
  write(folder: string): void {
    if (this.#found.size > 0) writeFileSync(`${folder}/${NOTICES_FILE}`, `${this.text}\n`);
  }
}

function licenseText({ name, license, licenseText: text }: LicenseInfo): string {
  if (text !== "") return text.replaceAll("\r\n", "\n").trim();
  const holder = HOLDERS[name];
  if (license === "MIT" && holder !== undefined) {
    return readFileSync(MIT, "utf8")
      .replace(/^Copyright.*$/m, `Copyright (c) ${holder}`)
      .trim();
  }
  throw new Error(
    `bundle: ${name} (${license}) comes without the text of its licence; name whose it is in scripts/bundling/third-party-notices.ts`,
  );
}
