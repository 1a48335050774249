import fc from "fast-check";
import { expect, test } from "vitest";
import { schemeOf, shownAddress } from "../src/index.ts";

const host = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/);
const key = fc.stringMatching(/^[A-Za-z0-9 _.*=%@:/ü-]{0,40}$/);
const secret = fc.stringMatching(/^[A-Za-z0-9+:@!$-]{1,40}$/).map((text) => `SECRET${text}`);

test("an address is told without a password and without a query, and otherwise as it is", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("s3", "gs", "http", "https"),
      host,
      key,
      secret,
      secret,
      (scheme, at, path, user, query) => {
        const bare = `${scheme}://${at}/${path}`;
        expect(shownAddress(bare)).toBe(bare);
        const shown = shownAddress(`${scheme}://${user}@${at}/${path}?${query}`);
        expect(shown).toBe(`${bare}?...`);
        expect(shown).not.toContain("SECRET");
      },
    ),
  );
});

test("paths of files have no scheme", () => {
  for (const path of ["flows.parquet", "/a/b.csv", "./a://b", "C:\\flows\\a.csv", "a=1/s3:/x", "://x", "-"])
    expect([path, schemeOf(path)]).toEqual([path, undefined]);
  expect(schemeOf("S3://lake/x")).toBe("s3");
});
