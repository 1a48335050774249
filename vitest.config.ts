import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run on the sources: this condition of every package's export map names them, so nothing is built first.
  resolve: { conditions: ["@oddflow/source"] },
  ssr: { resolve: { conditions: ["@oddflow/source"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than vitest's choice on two cores: most of a command's test is waiting for its process.
    maxWorkers: 2,
  },
});
