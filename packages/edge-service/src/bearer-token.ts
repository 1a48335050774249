import { Problem } from "./problem.ts";

/**
 * Checks requests for a bearer token (RFC 6750). Digests are compared, all of their bytes, so the time that it takes says
 * nothing of the token, not even its length.
 */
export class BearerToken {
  readonly #token: string;
  #digest: Promise<Uint8Array> | undefined;

  constructor(token: string) {
    this.#token = token;
  }

  /** @throws Problem unauthorized */
  async check(request: Request): Promise<void> {
    const given = /^Bearer +([^ ]+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    // Some runtimes allow nothing of this before the first request.
    this.#digest ??= digest(this.#token);
    if (given !== undefined && areEqual(await digest(given), await this.#digest)) return;
    const isWrong = given !== undefined;
    throw new Problem(
      "unauthorized",
      isWrong ? "the bearer token is not the right one" : "send `Authorization: Bearer TOKEN`",
      {
        headers: { "www-authenticate": `Bearer realm="oddflow"${isWrong ? ', error="invalid_token"' : ""}` },
      },
    );
  }
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
