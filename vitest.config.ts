import { configDefaults, defineConfig } from "vitest/config";

/** What drives browsers, which `.ci/run` leaves out on other versions of Node than the machine's own. */
const IN_BROWSERS = ["packages/*/test/in-browser*.test.ts"];

/** What needs a process in which no runtime has been opened, replaced or configured before. */
const ALONE = [
  "packages/inference/test/{given-module,telemetry,wasm-missing,web,webgpu-provider}.test.ts",
  "packages/trainer/test/{released-sessions,tfjs-*,webgpu-training}.test.ts",
];

export default defineConfig({
  // Tests run on the sources, which this condition of every package's export map names. Programs of threads and processes of their
  // own, commands among them, are those that `pnpm compile` has built.
  resolve: { conditions: ["@oddflow/source"] },
  ssr: { resolve: { conditions: ["@oddflow/source"] } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than vitest's choice on two cores: most of a command's test is waiting for its process.
    maxWorkers: 2,
    setupFiles: "scripts/test/equal-bytes.ts",
    // Node reads a system's certificates at every start, which takes longer than the rest of it; what tests start reaches nothing outside.
    env: { NODE_EXTRA_CA_CERTS: "" },
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ALONE, ...IN_BROWSERS],
          // Reading a package's modules anew for each file took a fifth of the whole.
          isolate: false,
        },
      },
      { extends: true, test: { name: "alone", include: ALONE } },
      {
        extends: true,
        test: {
          name: "in browsers",
          include: IN_BROWSERS,
          globalSetup: "packages/workbench/test/build-page.ts",
        },
      },
    ],
  },
});
