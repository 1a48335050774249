import { expect, test } from "vitest";
import { refusalOf, unknownTopic } from "../src/broker-failure.ts";

const address = { brokers: ["one:9092", "[::1]:9093"], topic: "flows", group: "g" };

/** As the client wraps what failed: in causes, and in lists of what was tried. */
function wrapped(inner: Error): Error {
  return new AggregateError(
    [new Error("another try"), new Error("cannot connect", { cause: inner })],
    "failed",
  );
}

test("what no waiting mends is found however deep it lies, and said in one line that names the brokers", () => {
  const wrongPassword = Object.assign(new Error("SASL authentication failed."), {
    code: "PLT_KFK_AUTHENTICATION",
  });
  const forbidden = Object.assign(new Error("no"), { apiId: "TOPIC_AUTHORIZATION_FAILED" });
  for (const [failure, words] of [
    [wrongPassword, /the name or the password is refused/],
    [forbidden, /is not allowed/],
  ] as const) {
    const { code, message } = refusalOf(wrapped(failure), address) ?? {};
    expect(code).toBe("BROKER_REFUSED");
    expect(message).toMatch(words);
    expect(message).toMatch(/^stream: topic flows at one:9092,\[::1\]:9093: [^\n]*$/);
  }
});

test("what may be over soon is no refusal", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(refusalOf(wrapped(refused), address)).toBeUndefined();
  expect(refusalOf("nothing", address)).toBeUndefined();
});

test("a topic that brokers do not have is named", () => {
  expect(
    unknownTopic(new Error("metadata failed", { cause: new Error("Unknown topic flows.dead-letters.") })),
  ).toBe("flows.dead-letters");
  expect(unknownTopic(new Error("Unknown member"))).toBeUndefined();
});
