import { OddflowError } from "@oddflow/preprocessing";
import { textSql } from "../sql-text.ts";

/** A part of httpfs's secrets: its name and its value as SQL. */
type Part = readonly [name: string, sql: string];

/** Variables of the environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * SQL that tells httpfs how object stores are reached: by the variables that AWS's own programs read, and for gs:// by those of GDAL (HMAC
 * keys), Terraform (an access token) and Google's client libraries (another server); and a file of certificates to trust. Profiles and machines' roles are not looked for.
 * @throws OddflowError USAGE for an endpoint that is no address
 */
export function secretsSql(environment: Environment): readonly string[] {
  const value = (name: string): string | undefined => environment[name] || undefined;
  const text = (part: string, ...names: readonly string[]): readonly Part[] => {
    const found = names.map(value).find((given) => given !== undefined);
    return found === undefined ? [] : [[part, textSql(found)]];
  };
  const endpoint = (...names: readonly string[]): readonly Part[] => {
    const name = names.find((given) => value(given) !== undefined);
    return name === undefined ? [] : endpointParts(name, environment[name] ?? "");
  };
  return [
    // By itself httpfs would sign for any store, Google's too, with AWS's keys.
    ...["access_key_id", "secret_access_key", "session_token"].map((key) => `SET GLOBAL s3_${key} = ''`),
    ...text("", "AWS_CA_BUNDLE", "SSL_CERT_FILE").map(([, file]) => `SET GLOBAL ca_cert_file = ${file}`),
    secretSql("s3", [
      ...text("KEY_ID", "AWS_ACCESS_KEY_ID"),
      ...text("SECRET", "AWS_SECRET_ACCESS_KEY"),
      ...text("SESSION_TOKEN", "AWS_SESSION_TOKEN"),
      ...text("REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
      ...endpoint("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    ]),
    secretSql("gcs", [
      ...text("KEY_ID", "GS_ACCESS_KEY_ID"),
      ...text("SECRET", "GS_SECRET_ACCESS_KEY"),
      ...text("BEARER_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"),
      ...endpoint("STORAGE_EMULATOR_HOST"),
    ]),
  ];
}

function secretSql(type: string, parts: readonly Part[]): string {
  const all: readonly Part[] = [["TYPE", type], ...parts];
  return `CREATE SECRET oddflow_${type} (${all.map(([name, sql]) => `${name} ${sql}`).join(", ")})`;
}

/** A server of one's own rarely has a name for each bucket, so buckets stand in the path. */
function endpointParts(name: string, given: string): readonly Part[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.host === "") {
    throw new OddflowError(
      "USAGE",
      `${name} in the environment: expected an address such as https://minio.example:9000, and it is none`,
    );
  }
  return [
    ["ENDPOINT", textSql(`${url.host}${url.pathname.replace(/\/+$/, "")}`)],
    ["USE_SSL", String(url.protocol === "https:")],
    ["URL_STYLE", "'path'"],
  ];
}
