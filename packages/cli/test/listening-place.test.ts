import { expect, test } from "vitest";
import { findListeningPlace, type ListeningArguments } from "../src/listening-place.ts";

const find = (given: Partial<ListeningArguments>, advice?: string) => {
  const usual = { host: "127.0.0.1", port: 0, allowHost: undefined, allowAnonymous: false };
  return findListeningPlace({ ...usual, ...given }, advice);
};

test.each(["0.0.0.0", "0", "::", "::ffff:0.0.0.0", "::ffff:192.0.2.1", "192.0.2.1", "2001:db8::1", "1"])(
  "--host %s needs a token, or the word that nobody is asked for one",
  async (host) => {
    await expect(find({ host }, "do this")).rejects.toMatchObject({
      code: "USAGE",
      message: `--host ${host} lets other machines in without a token; do this`,
    });
    expect(await find({ host, allowAnonymous: true }, "do this")).toMatchObject({ hosts: [host] });
    expect(await find({ host })).toMatchObject({ hosts: [host] });
  },
);

test.each([
  "127.0.0.1",
  "127.9.9.9",
  "127.1",
  "localhost",
  "LOCALHOST",
  "::1",
  "0:0:0:0:0:0:0:1",
  "::ffff:127.0.0.1",
])("--host %s is this machine alone", async (host) => {
  const { hosts } = await find({ host, allowHost: ["a.example", "[2001:db8::1]", "2001:db8::2"] }, "do this");
  expect(hosts).toEqual([host, "a.example", "[2001:db8::1]", "2001:db8::2"]);
});

test.each<[Partial<ListeningArguments>, string]>([
  [{ host: "" }, "--host is empty; expected an address or a name"],
  [{ host: " " }, "--host is empty; expected an address or a name"],
  [{ host: "127.evil.invalid" }, "--host 127.evil.invalid: there is no such host; name another"],
  [{ port: 65_536 }, "--port is 65536; expected a whole number from 0 to 65535"],
  [{ port: 0.5 }, "--port is 0.5; expected a whole number from 0 to 65535"],
  ...["a.example:80", "http://a.example", "*.example", "", "a b", "[::1]:80"].map(
    (name): [Partial<ListeningArguments>, string] => [
      { allowHost: ["good.example", name] },
      `--allow-host: "${name}" is no host; expected a name or an address, without a port`,
    ],
  ),
])("%j: %s", async (given, message) => {
  await expect(find(given)).rejects.toThrow(message);
});
