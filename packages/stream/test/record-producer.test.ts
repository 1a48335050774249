import { createServer, type Server } from "node:net";
import { afterAll, expect, test } from "vitest";
import { openRecordProducer } from "../src/record-producer.ts";

/** Takes what it is asked, and answers nothing. */
const silent: Server = createServer();
const asked = new Promise<void>((resolve) =>
  silent.on("connection", (socket) => socket.on("error", () => undefined).once("data", () => resolve())),
);
await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
afterAll(() => silent.close());

test("a producer that is closed while it waits for an answer does not try again", async () => {
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const producer = openRecordProducer({
    clientId: "oddflow",
    bootstrapBrokers: [`127.0.0.1:${port}`],
    idempotent: true,
    retries: 100,
    retryDelay: 20_000,
  });
  producer.on("error", () => undefined);
  const begun = producer.initIdempotentProducer({}).then(
    () => "done",
    () => "given up",
  );
  await asked;
  await producer.close(true);
  // The client alone would be at it for longer than a test may take.
  expect(await begun).toBe("given up");
});
