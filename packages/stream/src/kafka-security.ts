import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { OddflowError } from "@oddflow/preprocessing";

/** How brokers are spoken to. */
export interface KafkaSecurity {
  readonly tls?: ConnectionOptions;
  readonly sasl?: {
    readonly mechanism: SaslMechanism;
    readonly username: string;
    readonly password: string;
  };
}

const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
type SaslMechanism = (typeof SASL_MECHANISMS)[number];

const PROTOCOLS: Readonly<Record<string, { readonly tls: boolean; readonly sasl: boolean }>> = {
  plaintext: { tls: false, sasl: false },
  ssl: { tls: true, sasl: false },
  sasl_plaintext: { tls: false, sasl: true },
  sasl_ssl: { tls: true, sasl: true },
};

/** librdkafka's names of properties, which kcat and many clients read; the first of each is the one that messages name. */
const PROPERTIES = {
  protocol: ["security.protocol"],
  mechanism: ["sasl.mechanism", "sasl.mechanisms"],
  username: ["sasl.username"],
  password: ["sasl.password"],
  authority: ["ssl.ca.location"],
  certificate: ["ssl.certificate.location"],
  key: ["ssl.key.location"],
  keyPassword: ["ssl.key.password"],
} as const;

type Property = keyof typeof PROPERTIES;

/**
 * Reads a file of properties, `name=value` a line, as kcat's `-F` takes it. Values are never part of a message.
 * @throws OddflowError USAGE for a file that cannot be read, a property that is not known or that does not fit the others
 */
export function readKafkaSecurity(path: string): KafkaSecurity {
  const values = parseProperties(path, readText(path, path));
  const refuse = (problem: string): never => {
    throw new OddflowError("USAGE", `--kafka-config ${path}: ${problem}`);
  };
  const protocol = (values.get("protocol") ?? "plaintext").toLowerCase();
  const layers =
    PROTOCOLS[protocol] ?? refuse(`security.protocol is none of ${Object.keys(PROTOCOLS).join(", ")}`);
  const file = (property: Property): { readonly [name: string]: string } => {
    const named = values.get(property);
    return named === undefined ? {} : { value: readText(named, path) };
  };
  for (const property of values.keys()) {
    if (property.startsWith("key") || property === "authority" || property === "certificate") {
      if (!layers.tls) refuse(`${PROPERTIES[property][0]} is for security.protocol=ssl or sasl_ssl`);
    } else if (property !== "protocol" && !layers.sasl) {
      refuse(`${PROPERTIES[property][0]} is for security.protocol=sasl_plaintext or sasl_ssl`);
    }
  }
  return {
    ...(layers.tls
      ? {
          tls: {
            ...renamed("ca", file("authority")),
            ...renamed("cert", file("certificate")),
            ...renamed("key", file("key")),
            ...renamed("passphrase", { value: values.get("keyPassword") }),
          },
        }
      : {}),
    ...(layers.sasl ? { sasl: saslOf(values, refuse) } : {}),
  };
}

function saslOf(
  values: ReadonlyMap<Property, string>,
  refuse: (problem: string) => never,
): NonNullable<KafkaSecurity["sasl"]> {
  const wanted = values.get("mechanism") ?? "PLAIN";
  const mechanism = SASL_MECHANISMS.find((name) => name === wanted.toUpperCase());
  if (mechanism === undefined) return refuse(`sasl.mechanism is none of ${SASL_MECHANISMS.join(", ")}`);
  const [username, password] = [values.get("username"), values.get("password")];
  if (username === undefined || password === undefined)
    return refuse("sasl.username and sasl.password are both needed");
  return { mechanism, username, password };
}

function renamed(name: string, { value }: { readonly value?: string | undefined }): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function parseProperties(path: string, text: string): ReadonlyMap<Property, string> {
  const values = new Map<Property, string>();
  for (const [k, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name = "", value = ""] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const property = (Object.keys(PROPERTIES) as Property[]).find((own) =>
      (PROPERTIES[own] as readonly string[]).includes(name),
    );
    if (property === undefined) {
      const known = Object.values(PROPERTIES).map(([first]) => first);
      throw new OddflowError(
        "USAGE",
        `--kafka-config ${path}: line ${k + 1} has none of the properties that are known: ${known.join(", ")}`,
      );
    }
    values.set(property, value);
  }
  return values;
}

function readText(path: string, config: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    const reason = code === "ENOENT" ? "there is no such file" : `the system says ${code}`;
    throw new OddflowError("USAGE", `--kafka-config ${config}: ${path} cannot be read: ${reason}`, { cause });
  }
}
