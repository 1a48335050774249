import { expect, test } from "vitest";
import { type ReleaseState, releaseProblems } from "../release/release-problems.ts";

const manifest = {
  name: "@oddflow/rules",
  version: "0.2.0",
  folder: "packages/rules",
  repository: { url: "git+https://host.example/who/oddflow.git", directory: "packages/rules" },
  publishConfig: { access: "public", provenance: true },
};

const READY: ReleaseState = {
  manifests: [
    manifest,
    {
      ...manifest,
      name: "@oddflow/onnxruntime-web",
      version: "1.30.0",
      folder: "packages/onnxruntime-web",
      repository: { ...manifest.repository, directory: "packages/onnxruntime-web" },
    },
  ],
  changelog: "# Changelog\n\n## 0.2.0 - 2026-12-01\n\n## 0.1.0 - 2026-11-01\n",
  environment: { ACTIONS_ID_TOKEN_REQUEST_URL: "https://host.example" },
  changedFiles: [],
};

test("a release of which nothing is missing", () => {
  expect(releaseProblems(READY)).toEqual([]);
});

test("whatever a release lacks is named", () => {
  const { repository: _, ...homeless } = manifest;
  const lacking: readonly [Partial<ReleaseState>, RegExp][] = [
    [{ manifests: [homeless] }, /^no repository.url.*: @oddflow\/rules$/],
    [{ manifests: [{ ...manifest, repository: "who/oddflow" }] }, /repository.url is who\/oddflow/],
    [{ manifests: [{ ...manifest, folder: "packages/other" }] }, /directory is packages\/rules/],
    [{ manifests: [{ ...manifest, publishConfig: { access: "public" } }] }, /publishConfig/],
    [{ manifests: [manifest, { ...manifest, version: "0.1.0" }] }, /different versions: 0.2.0, 0.1.0/],
    [{ changelog: "## Unreleased\n" }, /"Unreleased"; expected "0.2.0 - /],
    [{ changelog: "## 0.1.0 - 2026-11-01\n" }, /of 0.1.0, and the packages of 0.2.0/],
    [{ changedFiles: [" M README.md"] }, /README.md/],
    [{ environment: {} }, /OpenID Connect/],
  ];
  for (const [state, message] of lacking)
    expect(releaseProblems({ ...READY, ...state }).join("\n"), String(message)).toMatch(message);
});
