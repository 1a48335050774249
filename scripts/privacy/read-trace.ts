import { resolve, sep } from "node:path";

/** What a program must not do, and where in its trace it did. */
export interface Trespass {
  readonly kind: "connection" | "name look-up" | "machine id" | "file elsewhere";
  /** The address or path. */
  readonly what: string;
}

/** System calls that name an address or a path to write to. A `?` stands before what not every processor has. */
export const TRACED: readonly string[] = [
  ...["connect", "bind", "sendto", "sendmsg", "sendmmsg", "?open", "openat", "?openat2", "?creat"],
  ...["?mkdir", "mkdirat", "?rename", "?renameat", "renameat2", "?link", "linkat", "?symlink", "symlinkat"],
  ...["?mknod", "mknodat", "truncate"],
];

const SOCKET_CALLS: ReadonlySet<string> = new Set(["connect", "bind", "sendto", "sendmsg", "sendmmsg"]);
const DNS_PORT = "53";
/** Where glibc asks for names before it asks a server. */
const NAME_SERVICE = /nscd|resolve/;
/** Nothing stays there. */
const DEVICES = /^\/dev\/(null|zero|tty|ptmx|pts\/\d+)$/;

/**
 * What a program and its children did beyond this machine's loopback and beyond a folder of theirs, each thing once.
 * @param trace as `strace -f -y` writes it
 * @param folder the one folder to write to, an absolute path
 * @param start the folder in which the program was started
 */
export function findTrespasses(trace: string, folder: string, start: string): Trespass[] {
  const found = new Map<string, Trespass>();
  for (const line of trace.split("\n")) {
    const [, call, parameters] = /^(?:\d+ +)?(\w+)\((.*)/.exec(line) ?? [];
    if (call === undefined || parameters === undefined) continue;
    const trespasses = SOCKET_CALLS.has(call)
      ? foreignAddresses(parameters)
      : foreignPaths(call, parameters, folder, start);
    for (const trespass of trespasses) found.set(`${trespass.kind} ${trespass.what}`, trespass);
  }
  return [...found.values()];
}

const INTERNET =
  /sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)")/g;
const LOCAL = /sa_family=AF_UNIX, sun_path=@?"([^"]*)"/g;

function foreignAddresses(parameters: string): Trespass[] {
  const internet = [...parameters.matchAll(INTERNET)].flatMap(([, port = "", v4, v6]): Trespass[] => {
    const address = v4 ?? v6 ?? "";
    const what = `${address} port ${port}`;
    if (port === DNS_PORT) return [{ kind: "name look-up", what }];
    return /^(::ffff:)?127\.|^::1$/.test(address) ? [] : [{ kind: "connection", what }];
  });
  const local = [...parameters.matchAll(LOCAL)].map(([, path = ""]): Trespass => {
    return { kind: NAME_SERVICE.test(path) ? "name look-up" : "connection", what: path };
  });
  return [...internet, ...local];
}

function foreignPaths(call: string, parameters: string, folder: string, start: string): Trespass[] {
  const paths = [...parameters.matchAll(/(?:<([^<>]*)>, )?"([^"]*)"/g)].map(([, from, path = ""]) =>
    resolve(from ?? start, path),
  );
  const opens = call.startsWith("open");
  if (opens && paths.some((path) => path.endsWith("/machine-id"))) {
    return paths.map((what) => ({ kind: "machine id", what }));
  }
  if (opens && !/O_(WRONLY|RDWR|CREAT|TMPFILE)/.test(parameters)) return [];
  return paths
    .filter((path) => path !== folder && !path.startsWith(folder + sep) && !DEVICES.test(path))
    .map((what) => ({ kind: "file elsewhere", what }));
}
