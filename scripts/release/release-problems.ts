/** What a package says of itself that its release hangs on. */
export interface ReleasedManifest {
  readonly name: string;
  readonly version: string;
  /** From the root of the repository on. */
  readonly folder: string;
  readonly repository?: string | { readonly url?: string; readonly directory?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

export interface ReleaseState {
  readonly manifests: readonly ReleasedManifest[];
  readonly changelog: string;
  /** Of the process that would publish. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What git calls changed. */
  readonly changedFiles: readonly string[];
}

/** It has the version of the runtime that it repacks. */
const OWN_VERSION: ReadonlySet<string> = new Set(["@oddflow/onnxruntime-web"]);

/** How npm learns from a CI who builds: GitHub's, or GitLab's. */
const IDENTITY = ["ACTIONS_ID_TOKEN_REQUEST_URL", "SIGSTORE_ID_TOKEN"];

/** What is missing before packages can be published with provenance; empty where nothing is. */
export function releaseProblems({ manifests, changelog, environment, changedFiles }: ReleaseState): string[] {
  const versions = new Set(
    manifests.filter(({ name }) => !OWN_VERSION.has(name)).map(({ version }) => version),
  );
  const [version = ""] = versions;
  const isWithIdentity = IDENTITY.some((name) => environment[name] !== undefined);
  return [
    ...provenanceProblems(manifests),
    ...(versions.size === 1 ? [] : [`packages have different versions: ${[...versions].join(", ")}`]),
    ...changelogProblems(changelog, version),
    ...(changedFiles.length === 0 ? [] : [`not committed: ${changedFiles.join(", ")}`]),
    ...(isWithIdentity
      ? []
      : [
          `no identity to sign the provenance with: publish from a CI with OpenID Connect (${IDENTITY.join(" or ")} in its environment)`,
        ]),
  ];
}

/** The registry refuses provenance of a package whose repository is not the one that the CI builds. */
export function provenanceProblems(manifests: readonly ReleasedManifest[]): string[] {
  const homeless = manifests.filter((manifest) => repositoryOf(manifest).url === undefined);
  const names = homeless.map(({ name }) => name).join(", ");
  return [
    ...(homeless.length === 0
      ? []
      : [`no repository.url, which provenance is held to; name the public address: ${names}`]),
    ...manifests.flatMap(manifestProblems),
  ];
}

function manifestProblems(manifest: ReleasedManifest): string[] {
  const { name, folder, publishConfig } = manifest;
  const { url, directory } = repositoryOf(manifest);
  const isAddress = url === undefined || /^git\+https:\/\/[^/]+\/.+\.git$/.test(url);
  const isPublic = publishConfig?.access === "public" && publishConfig.provenance === true;
  return [
    ...(isAddress ? [] : [`${name}: repository.url is ${url}; expected git+https://HOST/OWNER/NAME.git`]),
    ...(url === undefined || directory === folder
      ? []
      : [`${name}: repository.directory is ${directory}; expected ${folder}`]),
    ...(isPublic ? [] : [`${name}: publishConfig lacks access "public" or provenance`]),
  ];
}

function repositoryOf({ repository = {} }: ReleasedManifest): {
  readonly url?: string;
  readonly directory?: string;
} {
  return typeof repository === "string" ? { url: repository } : repository;
}

function changelogProblems(changelog: string, version: string): string[] {
  const [, newest = ""] = /^## (.*)$/m.exec(changelog) ?? [];
  const [, found, date] = /^(\d+\.\d+\.\d+\S*) - (\d{4}-\d{2}-\d{2})$/.exec(newest) ?? [];
  if (date === undefined)
    return [`CHANGELOG.md: its newest heading is "${newest}"; expected "${version} - YYYY-MM-DD"`];
  if (found !== version)
    return [`CHANGELOG.md: its newest heading is of ${found}, and the packages of ${version}`];
  return [];
}
