import fc from "fast-check";
import { expect, test } from "vitest";
import { findTrespasses } from "../privacy/read-trace.ts";

const FOLDER = "/tmp/place";
const CWD = `AT_FDCWD<${FOLDER}/work>`;

/** What is found in one line of a trace, as strace 6.1 writes it. */
function found(line: string): string[] {
  return findTrespasses(`41 ${line}\n`, FOLDER, `${FOLDER}/work`).map(({ kind, what }) => `${kind} ${what}`);
}

const internet = (call: string, address: string, port: number): string => {
  const family = address.includes(":")
    ? `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "${address}", &sin6_addr), sin6_scope_id=0}, 28`
    : `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${address}")}, 16`;
  return `${call}(20<socket:[7]>, ${family}) = 0`;
};

test("loopback is no trespass, any other address is one, whatever the call", () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !/%|^\[/.test(text)),
    fc.nat(255).map((last) => `127.0.0.${last}`),
    fc.constantFrom("::1", "::ffff:127.0.0.1", "0.0.0.0", "::"),
  );
  fc.assert(
    fc.property(
      address,
      fc.constantFrom("connect", "bind", "sendto", "sendmsg"),
      fc.integer({ min: 54, max: 65_535 }),
      (host, call, port) => {
        const isLoopback = host === "::1" || /^(::ffff:)?127\./.test(host);
        expect(found(internet(call, host, port))).toEqual(
          isLoopback ? [] : [`connection ${host} port ${port}`],
        );
      },
    ),
  );
});

test("asking for a name is a trespass, also of a server on loopback or through a socket of this machine", () => {
  expect(found(internet("connect", "127.0.0.53", 53))).toEqual(["name look-up 127.0.0.53 port 53"]);
  expect(
    found('connect(5<socket:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT'),
  ).toEqual(["name look-up /var/run/nscd/socket"]);
  expect(found('connect(5, {sa_family=AF_UNIX, sun_path=@"/tmp/.X11-unix/X0"}, 20 <unfinished ...>')).toEqual(
    ["connection /tmp/.X11-unix/X0"],
  );
  expect(found("sendto(6, [{nlmsg_len=20}], 20, 0, {sa_family=AF_NETLINK, nl_pid=0}, 12) = 20")).toEqual([]);
});

test("what is written outside the place is a trespass, what is read is none but for the machine's id", () => {
  const elsewhere = (path: string): string[] => [`file elsewhere ${path}`];
  expect(found(`openat(${CWD}, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3</etc/hosts>`)).toEqual([]);
  expect(found(`openat(${CWD}, "/etc/machine-id", O_RDONLY) = -1 ENOENT`)).toEqual([
    "machine id /etc/machine-id",
  ]);
  expect(found(`openat(${CWD}, "out.csv", O_WRONLY|O_CREAT, 0666) = 3<${FOLDER}/work/out.csv>`)).toEqual([]);
  expect(found(`openat(${CWD}, "../../place-2/x", O_WRONLY|O_CREAT, 0666) = 3`)).toEqual(
    elsewhere("/tmp/place-2/x"),
  );
  expect(found(`openat(9</var/tmp>, "x", O_RDWR|O_CREAT <unfinished ...>`)).toEqual(elsewhere("/var/tmp/x"));
  expect(found('open("/dev/null", O_WRONLY) = 4')).toEqual([]);
  expect(found('mkdir("/root/.duckdb", 0755) = 0')).toEqual(elsewhere("/root/.duckdb"));
  expect(found(`renameat2(${CWD}, "a", ${CWD}, "/srv/a", 0) = 0`)).toEqual(elsewhere("/srv/a"));
});
