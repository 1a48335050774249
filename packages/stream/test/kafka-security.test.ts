import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readKafkaSecurity } from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "oddflow-security-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const read = (text: string) => readKafkaSecurity(write("client.properties", text));
/** What a refusal says; nothing where it is none. */
const message = (text: string): string => {
  try {
    read(text);
    return "";
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: "USAGE" });
    return (thrown as Error).message;
  }
};

test("properties say how brokers are spoken to", () => {
  const [authority, certificate, key] = ["ca", "cert", "key"].map((name) =>
    write(`${name}.pem`, `${name}\n`),
  );
  expect(read("")).toEqual({});
  expect(read("# nothing\n\n  security.protocol = PLAINTEXT  \r\n")).toEqual({});
  expect(read("security.protocol=ssl")).toEqual({ tls: {} });
  const sasl = "sasl.username=me\nsasl.password= a=b #c \n";
  expect(read(`security.protocol=SASL_PLAINTEXT\n${sasl}`)).toEqual({
    sasl: { mechanism: "PLAIN", username: "me", password: "a=b #c" },
  });
  expect(
    read(
      `security.protocol=sasl_ssl\nsasl.mechanisms=scram-sha-512\n${sasl}ssl.ca.location=${authority}\n` +
        `ssl.certificate.location=${certificate}\nssl.key.location=${key}\nssl.key.password=other\n`,
    ),
  ).toEqual({
    tls: { ca: "ca\n", cert: "cert\n", key: "key\n", passphrase: "other" },
    sasl: { mechanism: "SCRAM-SHA-512", username: "me", password: "a=b #c" },
  });
});

test.each([
  ["security.protocol=tls", "security.protocol is none of plaintext, ssl, sasl_plaintext, sasl_ssl"],
  ["security.protocol=sasl_ssl", "sasl.username and sasl.password are both needed"],
  ["security.protocol=sasl_ssl\nsasl.username=a", "sasl.username and sasl.password are both needed"],
  ["security.protocol=sasl_ssl\nsasl.mechanism=GSSAPI", "sasl.mechanism is none of PLAIN, SCRAM-SHA-256"],
  ["sasl.username=a\nsasl.password=b", "sasl.username is for security.protocol=sasl_plaintext or sasl_ssl"],
  ["security.protocol=ssl\nsasl.password=b", "sasl.password is for security.protocol=sasl_plaintext"],
  ["ssl.ca.location=ca.pem", "ssl.ca.location is for security.protocol=ssl or sasl_ssl"],
  [
    "security.protocol=ssl\nssl.ca.location=/nowhere/ca.pem",
    "/nowhere/ca.pem cannot be read: there is no such file",
  ],
  ["security.protocol=ssl\nacks=all", "line 2 has none of the properties that are known"],
  ["security.protocol", "line 1 has none of the properties that are known"],
])("%j: %s", (text, problem) => {
  expect(message(text)).toContain(problem);
  expect(message(text)).not.toContain("\n");
});

test("a file that cannot be read is named", () => {
  expect(() => readKafkaSecurity("/nowhere/at/all")).toThrow(
    "/nowhere/at/all cannot be read: there is no such file",
  );
  expect(() => readKafkaSecurity(folder)).toThrow("the system says EISDIR");
});

test("a password is in no message, wherever it stands", () => {
  const secret = "hunter2hunter2";
  const name = fc.constantFrom(
    "sasl.password",
    "ssl.key.password",
    "sasl.pasword",
    "sasl.jaas.config",
    "password",
  );
  const protocol = fc.constantFrom("plaintext", "ssl", "sasl_ssl", "tls");
  const mechanism = fc.constantFrom("", "sasl.mechanism=PLAIN\n", "sasl.mechanism=X\n");
  fc.assert(
    fc.property(name, protocol, mechanism, fc.constantFrom("=", " = ", ": ", " "), (own, of, how, sign) => {
      expect(message(`security.protocol=${of}\n${how}${own}${sign}${secret}\n`)).not.toContain(secret);
    }),
  );
});
