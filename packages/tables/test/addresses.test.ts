import { basename, isAbsolute, join, relative } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { localName } from "../src/addresses/local-name.ts";
import { secretsSql } from "../src/addresses/secrets-sql.ts";
import { fetchFiles, openTable } from "../src/index.ts";
import { makeTableFolder } from "./table-folder.ts";

const folder = await makeTableFolder();

test("the name of a copy leads to no other folder, fits a file system, and ends as the address's path does", () => {
  const part = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc.constantFrom("..", ".", "", "a/../..", "%2e%2e%2f", "C:\\x"),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("s3", "https"),
      part,
      fc.constantFrom(".parquet", ".csv.gz", ""),
      (scheme, last, ending) => {
        const name = localName(`${scheme}://lake/day=1/${last}${ending}`);
        const path = join(folder.path, name);
        expect(basename(path)).toBe(name);
        expect(relative(folder.path, path)).toBe(name);
        expect([isAbsolute(name), Buffer.byteLength(name) <= 255, name.includes("\\")]).toEqual([
          false,
          true,
          false,
        ]);
        if (!last.includes("?")) expect(name.endsWith(ending)).toBe(true);
      },
    ),
  );
  expect(localName("https://host/a/part%200.parquet?key=x.csv")).toBe("part 0.parquet");
  expect(localName("s3://lake/100%41.csv")).toBe("100%41.csv");
});

test("keys of the environment are texts in SQL, whatever letters they have, and those of one store are not given to another", () => {
  const value = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(value, value, (id, secret) => {
      const [s3 = "", gcs = ""] = secretsSql({
        AWS_ACCESS_KEY_ID: id,
        AWS_SECRET_ACCESS_KEY: secret,
        AWS_REGION: "",
      }).slice(-2);
      const quoted = (text: string): string => text.replaceAll("'", "''");
      if (!`${id}${secret}`.includes("\0"))
        expect(s3).toBe(
          `CREATE SECRET oddflow_s3 (TYPE s3, KEY_ID '${quoted(id)}', SECRET '${quoted(secret)}')`,
        );
      expect(gcs).toBe("CREATE SECRET oddflow_gcs (TYPE gcs)");
    }),
  );
  const own = secretsSql({ AWS_ENDPOINT_URL: "https://minio.example:9000/", AWS_DEFAULT_REGION: "eu-1" });
  expect(own.at(-2)).toBe(
    "CREATE SECRET oddflow_s3 (TYPE s3, REGION 'eu-1', ENDPOINT 'minio.example:9000', USE_SSL true, URL_STYLE 'path')",
  );
  expect(secretsSql({ SSL_CERT_FILE: "/a.pem", AWS_CA_BUNDLE: "/b's.pem" })).toContain(
    "SET GLOBAL ca_cert_file = '/b''s.pem'",
  );
  for (const endpoint of ["minio:9000", "ftp://x", "nix"])
    expect(() => secretsSql({ AWS_ENDPOINT_URL_S3: endpoint })).toThrow(
      /AWS_ENDPOINT_URL_S3 in the environment/,
    );
});

test("files here are left as they are, and a table is not made of addresses", async () => {
  const fetched = await fetchFiles(["a.parquet", "b/*.csv"], { folder: folder.path });
  expect(fetched).toEqual({ paths: ["a.parquet", "b/*.csv"], copies: [] });
  await expect(openTable("s3://lake/a.csv?key=mine")).rejects.toThrow(
    /s3:\/\/lake\/a\.csv\?\.\.\. is an address.*fetchFiles/,
  );
});
