import fc from "fast-check";
import { expect, test } from "vitest";
import { checkAddresses, parseKafkaAddress } from "../src/index.ts";

const read = (text: string) => parseKafkaAddress("--from", text);

test.each([
  ["kafka://a/t", ["a:9092"], "t", undefined],
  ["kafka://a:1,b.example:65535/flows.v1_x-y?group=g", ["a:1", "b.example:65535"], "flows.v1_x-y", "g"],
  ["kafka://[::1]:9093,[2001:db8::2]/t?group=a%20b%26c", ["[::1]:9093", "[2001:db8::2]:9092"], "t", "a b&c"],
  ["kafka://127.0.0.1:09092/t%2Eu", ["127.0.0.1:9092"], "t.u", undefined],
])("%s", (text, brokers, topic, group) => {
  expect(read(text)).toEqual({ brokers, topic, group });
});

test.each([
  ["", "it names no broker and topic"],
  ["localhost:9092/t", "it names no broker and topic"],
  ["http://a/t", "it names no broker and topic"],
  ["kafka://a", "it names no broker and topic"],
  ["kafka:///t", "it names no broker and topic"],
  ["kafka://a/t#x", "it names no broker and topic"],
  ["kafka://me:secret@a/t", "names and passwords are for --kafka-config, where nobody sees them"],
  ["kafka://a/t/u", '"t/u" is no name of a topic'],
  ["kafka://a/%", '"%" is no name of a topic'],
  ["kafka://a/..", '".." is no name of a topic'],
  [`kafka://a/${"t".repeat(250)}`, "is no name of a topic"],
  ["kafka://a/t?group=", "the group's name is empty"],
  ["kafka://a/t?gruop=g", '"gruop" is no parameter, "group" is the only one'],
  ["kafka://a:0/t", '"a:0" is no HOST:PORT'],
  ["kafka://a:65536/t", '"a:65536" is no HOST:PORT'],
  ["kafka://a,/t", '"" is no HOST:PORT'],
  ["kafka://a b/t", '"a b" is no HOST:PORT'],
  ["kafka://::1/t", '"::1" is no HOST:PORT'],
])("%s: %s", (text, problem) => {
  expect(() => read(text)).toThrow(problem);
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test("a password in an address is not said again", () => {
  expect(() => read("kafka://me:s3cret@a/t")).toThrow(expect.not.stringContaining("s3cret"));
});

test("whatever is written as an address is read again, and anything else is refused in one line", () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((own) => `[${own}]`),
  );
  const broker = fc.tuple(host, fc.integer({ min: 1, max: 65_535 })).map(([own, port]) => `${own}:${port}`);
  const brokers = fc.array(broker, { minLength: 1, maxLength: 4 });
  const topic = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,40}$/);
  const group = fc.string({ minLength: 1, unit: "grapheme" });
  fc.assert(
    fc.property(brokers, topic, group, (own, name, of) => {
      const text = `kafka://${own.join(",")}/${name}?group=${encodeURIComponent(of)}`;
      expect(read(text)).toEqual({ brokers: own, topic: name, group: of });
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (rest) => {
      try {
        expect(read(`kafka://${rest}`).brokers.length).toBeGreaterThan(0);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: "USAGE" });
      }
    }),
  );
});

test("addresses that cannot go together are refused", () => {
  const from = read("kafka://a,b/flows?group=g");
  const to = read("kafka://b,a/scored");
  const deadLetters = read("kafka://b,a/aside");
  const check = (other: Partial<Parameters<typeof checkAddresses>[0]>): void =>
    checkAddresses({ from, to, deadLetters, isExactlyOnce: false, ...other });
  check({});
  check({ isExactlyOnce: true });
  // The same topic of other brokers is another topic.
  check({ from: read("kafka://c/scored?group=g") });
  expect(() => check({ from: read("kafka://c/flows"), isExactlyOnce: true })).toThrow("is of one cluster");
  expect(() => check({ to: read("kafka://a,b/flows") })).toThrow("is read and written");
  expect(() => check({ deadLetters: read("kafka://a,b/flows") })).toThrow("is read and written");
  expect(() => check({ deadLetters: to })).toThrow("name another for one of them");
  expect(() => check({ deadLetters: read("kafka://c/aside") })).toThrow("name the brokers of --to");
  expect(() => check({ to: read("kafka://a,b/scored?group=g") })).toThrow("only --from has a group");
});
