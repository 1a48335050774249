/*
 * Addresses: paths that begin with a scheme, as in s3://lake/flows.parquet, and name what is no file of this machine.
 */

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** The scheme of an address in small letters, such as "s3"; undefined for the path of a file. */
export function schemeOf(path: string): string | undefined {
  return SCHEME.exec(path)?.[1]?.toLowerCase();
}

/** An address as people are told it: a user's name, a password and a query, which may be a signature, stay out. */
export function shownAddress(address: string): string {
  return address.replace(/^([^/]*:\/\/)[^/?]*@/, "$1").replace(/\?.*$/s, "?...");
}
