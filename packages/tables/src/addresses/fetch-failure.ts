import { schemeOf, shownAddress } from "@oddflow/flow-sources";
import { OddflowError } from "@oddflow/preprocessing";
import { reasonOf } from "../read-failure.ts";

/** Whose keys may be wrong, by the scheme. */
const KEYS: Readonly<Record<string, string>> = {
  s3: "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment",
  gs: "look at GS_ACCESS_KEY_ID and GS_SECRET_ACCESS_KEY, or GOOGLE_OAUTH_ACCESS_TOKEN, in the environment",
};

/**
 * Turns what httpfs threw for an address into the one-line error that people see. httpfs's own words hold the address with all that is
 * secret in it.
 */
export function fetchFailure(address: string, thrown: unknown): OddflowError {
  const shown = shownAddress(address);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const status = /\bHTTP (?:code )?(\d{3}|0)\b|: (\d{3}) \(/
    .exec(text)
    ?.slice(1)
    .find((code) => code !== undefined);
  const scheme = schemeOf(address) ?? "";
  if (status === "404") {
    return new OddflowError(
      "TABLE_NOT_FOUND",
      `read ${shown}: there is no such file (the server says 404); check the address`,
      { cause: thrown },
    );
  }
  const [problem, advice] =
    status === undefined
      ? [`it cannot be had (${reason(thrown, address)})`, "check the address and the network"]
      : // So httpfs says it where a web server refuses.
        status === "0"
        ? ["the server does not give it", "check the address, and whether it takes a key"]
        : [`the server says ${status}`, adviceFor(status, scheme)];
  return new OddflowError("DOWNLOAD_FAILED", `read ${shown}: ${problem}; ${advice}`, { cause: thrown });
}

/** httpfs's own words, less the address. */
function reason(thrown: unknown, address: string): string {
  return reasonOf(thrown)
    .replace(/ error for HTTP .*$/, "")
    .replaceAll(address, shownAddress(address))
    .replace(/\?[^\s'"]*/g, "?...");
}

function adviceFor(status: string, scheme: string): string {
  if (status === "401" || status === "403")
    return KEYS[scheme] ?? "it wants a key in the address, or none may read it";
  if ((status === "400" || status === "301") && scheme === "s3")
    return "say in AWS_REGION where the bucket is";
  return "try again later";
}
