import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runProgram } from "./run-program.ts";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";

/**
 * Puts a jar into a folder, by Maven, where it is not yet there.
 * @param artifact group:name:version
 * @returns its path
 * @throws Error where Maven is missing or does not get it
 */
export function fetchJar(artifact: string, folder: string): string {
  const [, name, version] = artifact.split(":");
  const jar = join(folder, `${name}-${version}.jar`);
  if (!existsSync(jar)) {
    const parameters = [`${PLUGIN}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`];
    runProgram("mvn", ["-q", "-B", ...parameters], folder);
  }
  return jar;
}

/**
 * Puts jars, with all that they need at run time, into a folder, which is there whole or not at all.
 * @throws Error where Maven is missing or does not get them
 */
export function fetchJarsWithDependencies(artifacts: readonly string[], folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}-`);
  try {
    writeFileSync(join(scratch, "pom.xml"), projectOf(artifacts));
    const parameters = [`${PLUGIN}:copy-dependencies`, "-DincludeScope=runtime", "-DoutputDirectory=jars"];
    runProgram("mvn", ["-q", "-B", ...parameters], scratch);
    renameSync(join(scratch, "jars"), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function projectOf(artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(":");
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  });
  return [
    "<project><modelVersion>4.0.0</modelVersion>",
    "<groupId>oddflow</groupId><artifactId>fetched</artifactId><version>1</version>",
    `<dependencies>${dependencies.join("")}</dependencies></project>`,
  ].join("\n");
}
