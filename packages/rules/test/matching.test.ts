import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bindRules, type Condition, parseRules, RecordRules, type Rule } from "../src/index.ts";

type Flow = Readonly<Record<string, unknown>>;

const ruleOf = (some: Partial<Rule>): Rule => ({ id: "a", verdict: "benign", ...some });

/** Whether a rule is about a flow. */
function matches(rule: Partial<Rule>, flow: Flow, now = 0): boolean {
  const columns = Object.keys(flow);
  const bound = bindRules({ rules: [ruleOf(rule)] }, columns, () => now);
  return bound.ruling((place) => flow[bound.columns[place] as string]) !== undefined;
}

const isAs = (condition: Condition, value: unknown): boolean =>
  matches({ match: { column: condition } }, { column: value });

describe("a value is what it is, however it is written", () => {
  test("numbers as numbers, bigints and texts", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), (number) => {
        const ways: unknown[] = [number, String(number), ` ${number} `];
        if (Number.isSafeInteger(number)) ways.push(`${number}.0`);
        if (Number.isSafeInteger(number))
          ways.push(BigInt(number), number < 0 ? `-00${-number}` : `+00${number}`);
        for (const named of [number, String(number)]) {
          for (const value of ways) expect(isAs(named, value), `${named} and ${String(value)}`).toBe(true);
          expect(isAs([named, "x"], number + 1 === number ? "y" : number + 1)).toBe(false);
        }
      }),
    );
  });

  test("long numbers digit by digit", () => {
    expect(isAs("12345678901234567890", 12345678901234567890n)).toBe(true);
    expect(isAs("12345678901234567890", 12345678901234567891n)).toBe(false);
    expect(isAs("12345678901234567890", "12345678901234567891")).toBe(false);
  });

  test("truths as sensors write them", () => {
    for (const value of [true, "true", "T", "True"]) {
      expect(isAs(true, value)).toBe(true);
      expect(isAs(false, value)).toBe(false);
    }
    for (const value of [1, "yes", "truth", null]) expect(isAs(true, value)).toBe(false);
  });

  test("what is missing, a list or an object matches nothing", () => {
    const conditions: Condition[] = [
      { pattern: "*" },
      { from: -1e300 },
      ["", "null", "undefined", "NaN", "0", "::/0"],
    ];
    const values = [null, undefined, "", "  ", Number.NaN, [], ["x"], {}];
    for (const condition of conditions) {
      for (const value of values)
        expect(isAs(condition, value), JSON.stringify([condition, value])).toBe(false);
    }
  });

  test("a range has both of its ends, and no text", () => {
    const range = { from: 10, to: 20 };
    expect([9.99, 10, "10.0", 20n, 20.01, "x", true].map((value) => isAs(range, value))).toEqual([
      ...[false, true, true, true, false, false, false],
    ]);
    expect(isAs({ from: 10 }, 1e9)).toBe(true);
    expect(isAs({ to: 10 }, -1e9)).toBe(true);
  });
});

describe("networks", () => {
  const bits = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
  const v4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
  const text4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((by) => (value >> by) & 255n).join(".");
  const text6 = (value: bigint): string =>
    Array.from({ length: 8 }, (_, k) => ((value >> BigInt(112 - 16 * k)) & 0xffffn).toString(16)).join(":");
  /** With the first run of zeros left out. */
  const short6 = (value: bigint): string => text6(value).replace(/(^|:)0(:0)+(:|$)/, "::");

  test("IPv4: those whose first bits are the same", () => {
    fc.assert(
      fc.property(v4, v4, fc.nat(32), fc.nat(32), (one, noise, length, near) => {
        const other = one ^ (noise >> BigInt(near));
        const shift = BigInt(32 - length);
        const expected = one >> shift === other >> shift;
        const network = `${text4(one)}/${length}`;
        expect(isAs(network, text4(other))).toBe(expected);
        expect(isAs(network, `::ffff:${text4(other)}`)).toBe(expected);
        expect(matches({ host: network }, { src_ip: "10.0.0.1", dst_ip: text4(other) })).toBe(
          expected || one >> shift === 0x0a000001n >> shift,
        );
      }),
    );
  });

  test("IPv6: the same, in any way of writing", () => {
    fc.assert(
      fc.property(bits, bits, fc.nat(128), fc.nat(128), (one, noise, length, near) => {
        const other = one ^ (noise >> BigInt(near));
        fc.pre(other >> 32n !== 0xffffn && one >> 32n !== 0xffffn);
        const shift = BigInt(128 - length);
        const expected = one >> shift === other >> shift;
        for (const written of [
          text6(other),
          short6(other),
          text6(other).toUpperCase(),
          `${text6(other)}%eth0`,
        ])
          expect(isAs(`${short6(one)}/${length}`, written), `${text6(one)}/${length} ${written}`).toBe(
            expected,
          );
        expect(isAs(short6(one), text6(other))).toBe(one === other);
      }),
    );
  });

  test("all of IPv6 is none of IPv4, and the other way round", () => {
    expect(isAs("::/0", "10.0.0.1")).toBe(false);
    expect(isAs("0.0.0.0/0", "fe80::1")).toBe(false);
    expect(isAs("0.0.0.0/0", "10.0.0.1")).toBe(true);
    expect(isAs("::/0", "fe80::1")).toBe(true);
  });

  test.each([
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "1:2",
    "10:20:30",
    "::1::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::%",
  ])("%s is no address", (text) => {
    expect(isAs(["0.0.0.0/0", "::/0"], text)).toBe(false);
    expect(isAs(text, text)).toBe(true);
  });
});

describe("patterns", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ".", "é", "🦊"), maxLength: 12 });

  test("are what a regular expression makes of them", () => {
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        fc.pre(pattern !== "" && text !== "");
        const source = [...pattern]
          .map((letter) => (letter === "*" ? ".*" : letter === "?" ? "." : letter.replace(/[.]/, "\\.")))
          .join("");
        expect(isAs({ pattern }, text)).toBe(new RegExp(`^${source}$`, "us").test(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("times", () => {
  const at = (text: string): number => Date.parse(text) / 1000;
  const during = { days: ["fri"], from: "22:00", to: "06:00", zone: "Europe/Berlin" } as const;

  test.each([
    // A Friday in winter, an hour ahead of UTC.
    ["2026-01-09T20:59:59Z", false],
    ["2026-01-09T21:00:00Z", true],
    ["2026-01-10T04:59:59Z", true],
    ["2026-01-10T05:00:00Z", false],
    ["2026-01-10T21:30:00Z", false],
    ["2026-01-09T04:00:00Z", false],
    // In summer two hours.
    ["2026-07-10T19:59:59Z", false],
    ["2026-07-10T20:00:00Z", true],
  ])("%s is in the night to Saturday: %s", (text, expected) => {
    const seconds = at(text);
    for (const ts of [seconds, seconds * 1e3, BigInt(seconds) * 1_000_000n, String(seconds), text])
      expect(matches({ during }, { ts })).toBe(expected);
  });

  test("by UTC, as the days and hours of a date", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1981-01-01"), max: new Date("2099-01-01"), noInvalidDate: true }),
        (date) => {
          const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][date.getUTCDay()] as "mon";
          const clock = date.toISOString().slice(11, 16);
          const flow = { ts: Math.floor(date.getTime() / 1000) };
          expect(matches({ during: { days: [day] } }, flow)).toBe(true);
          expect(matches({ during: { days: [day], zone: "Etc/UTC", from: clock } }, flow)).toBe(true);
          expect(matches({ during: { to: clock === "00:00" ? "00:01" : clock } }, flow)).toBe(
            clock === "00:00",
          );
        },
      ),
    );
  });

  test("a flow without a time is in no window, and expires by the clock", () => {
    const day = "2027-01-31";
    for (const ts of [undefined, 0, "soon", 1e25]) {
      expect(matches({ during: { to: "24:00" } }, { ts })).toBe(false);
      expect(matches({ during: { to: "24:00", zone: "Europe/Berlin" } }, { ts })).toBe(false);
      expect(matches({ match: { x: 1 }, expires: day }, { ts, x: 1 }, Date.parse(day) - 1)).toBe(true);
      expect(matches({ match: { x: 1 }, expires: day }, { ts, x: 1 }, Date.parse(day))).toBe(false);
    }
    const now = Date.parse("2030-01-01");
    expect(matches({ match: { x: 1 }, expires: day }, { ts: "2027-01-30T23:59:59Z", x: 1 }, now)).toBe(true);
    expect(matches({ match: { x: 1 }, expires: day }, { ts: "2027-01-31T00:00:00Z", x: 1 }, now)).toBe(false);
  });
});

describe("rules together", () => {
  const rules = parseRules(
    `rules:
  - { id: odd, verdict: escalate, match: { port: { from: 1000 } }, host: 10.0.0.9 }
  - { id: nas, verdict: benign, host: [10.0.0.0/24, "fd00::/8"] }
  - { id: old, verdict: wrong, match: { port: 22 }, expires: 2000-01-01 }
  - { id: ssh, verdict: wrong, match: { port: 22 } }
`,
    "rules.yaml",
  );
  const record = (src_ip: string, port: number): Flow => ({
    src_ip,
    dst_ip: "192.168.0.1",
    port,
    ts: 1_700_000_000,
  });

  test("the first that matches decides", () => {
    const own = new RecordRules(rules);
    expect(own.ruling(record("10.0.0.9", 1000))).toEqual({ rule: "odd", verdict: "escalate" });
    expect(own.ruling(record("10.0.0.9", 22))).toEqual({ rule: "nas", verdict: "benign" });
    expect(own.ruling(record("10.0.1.9", 22))).toEqual({ rule: "ssh", verdict: "wrong" });
    expect(own.ruling(record("10.0.1.9", 23))).toBeUndefined();
    expect(
      own.matches(record("10.0.0.9", 22)).map(({ ruling, hasExpired }) => [ruling.rule, hasExpired]),
    ).toEqual([
      ["nas", false],
      ["old", true],
      ["ssh", false],
    ]);
  });

  test("what flows lack is said, and matches nothing", () => {
    const bound = bindRules(rules, ["port"]);
    expect(bound.lacking).toEqual([
      { rule: "odd", lacking: ["addresses of source and destination"] },
      { rule: "nas", lacking: ["addresses of source and destination"] },
    ]);
    expect(bound.columns).toEqual(["port"]);
    expect(bound.ruling(() => 22)).toEqual({ rule: "ssh", verdict: "wrong" });
  });

  test("fields of objects are columns, and records may differ", () => {
    const own = new RecordRules({ rules: [ruleOf({ match: { "flow.app": "tls" } })] });
    expect(own.ruling({ flow: { app: "tls" } })?.rule).toBe("a");
    expect(own.ruling({ "flow.app": "tls" })?.rule).toBe("a");
    expect(own.ruling({ flow: "tls" })).toBeUndefined();
    expect(own.lacking({ flow: "tls" })).toEqual([{ rule: "a", lacking: ["flow.app"] }]);
  });
});
