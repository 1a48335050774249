import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { createHostCheck } from "@oddflow/edge-service";
import { checkRange, OddflowError, type OptionRange } from "@oddflow/preprocessing";
import type { Argv } from "yargs";

/** Who may ask. */
export interface AdmissionArguments {
  allowHost: string[] | undefined;
  allowAnonymous: boolean;
}

/** Options of the commands that listen. */
export interface ListeningArguments extends AdmissionArguments {
  host: string;
  port: number;
}

/** Where a command listens, and to which hosts it answers. */
export interface ListeningPlace {
  /** What `--host` stands for. */
  readonly address: string;
  readonly port: number;
  /** Names and addresses beside loopback's and the one that a connection comes in on. */
  readonly hosts: readonly string[];
}

export const PORT: OptionRange = { from: 0, to: 65_535, whole: true };

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

export function listeningOptions<T>(parser: Argv<T>, defaultPort: number): Argv<T & ListeningArguments> {
  return admissionOptions(
    parser
      .option("host", {
        requiresArg: true,
        type: "string",
        default: "127.0.0.1",
        describe: "Address to listen at",
      })
      .option("port", {
        requiresArg: true,
        alias: "p",
        type: "number",
        default: defaultPort,
        describe: "Port to listen at; 0 for any that is free",
      }),
  ) as unknown as Argv<T & ListeningArguments>;
}

export function admissionOptions<T>(parser: Argv<T>): Argv<T & AdmissionArguments> {
  return parser
    .option("allow-host", {
      requiresArg: true,
      type: "string",
      array: true,
      describe: "Another host name that requests may ask for; repeatable",
    })
    .option("allow-anonymous", {
      type: "boolean",
      default: false,
      describe: "Let other machines in without a token",
    }) as unknown as Argv<T & AdmissionArguments>;
}

/**
 * Finds the address that `--host` stands for, so that what is listened at is what was checked.
 * @param option what names the host, as messages call it
 * @param advice what to do where other machines would be let in without a token; undefined where a token is asked for
 * @throws OddflowError USAGE, OPTION_RANGE
 */
export async function findListeningPlace(
  { host, port, allowHost = [], allowAnonymous }: ListeningArguments,
  advice: string | undefined,
  option = "--host",
): Promise<ListeningPlace> {
  checkRange("--port", port, PORT);
  checkNames(allowHost);
  const { address, family } = await findAddress(host, option);
  const isLoopback = LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4");
  if (!isLoopback && !allowAnonymous && advice !== undefined) {
    throw new OddflowError("USAGE", `${option} ${host} lets other machines in without a token; ${advice}`);
  }
  return { address, port, hosts: [host, ...allowHost] };
}

function checkNames(names: readonly string[]): void {
  try {
    createHostCheck(names);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new OddflowError("USAGE", `--allow-host: ${cause.message}`, { cause });
  }
}

async function findAddress(
  host: string,
  option: string,
): Promise<{ readonly address: string; readonly family: number }> {
  // An empty one would be every address of this machine to Node.
  if (host.trim() === "")
    throw new OddflowError("USAGE", `${option} is empty; expected an address or a name`);
  try {
    return await lookup(host);
  } catch (cause) {
    throw new OddflowError("USAGE", `${option} ${host}: there is no such host; name another`, { cause });
  }
}
