import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../programs/run-program.ts";
import type { CheckOptions } from "./checks.ts";
import { type Certificate, startWebServer } from "./web-server.ts";

/** A server is read from where its certificate is trusted, and there alone. */
export async function checkCertificates({
  oddflow,
  model,
  lake,
  folder,
  onFault,
}: CheckOptions): Promise<void> {
  const certificate = makeCertificate(folder);
  const server = await startWebServer(lake, certificate);
  try {
    const args = ["score", `${server.url}/text/flows.csv`, "-m", model, "-o", "trusted.csv"];
    const none = { SSL_CERT_FILE: undefined, AWS_CA_BUNDLE: undefined };
    const stranger = await oddflow.run(args, none);
    if (
      stranger.status !== 3 ||
      server.asked.length > 0 ||
      !/cannot be had .*certificate/.test(stranger.stderr)
    )
      onFault(`a server with a stranger's certificate: ended with ${stranger.status}: ${stranger.stderr}`);
    const trusted = await oddflow.run(args, { ...none, SSL_CERT_FILE: certificate.file });
    if (trusted.status !== 0) onFault(`a trusted server: ended with ${trusted.status}: ${trusted.stderr}`);
    else if (readFileSync(join(folder, "trusted.csv")).length === 0)
      onFault("a trusted server: no flows came");
    else console.log("  ok      https, where the certificate is trusted");
  } finally {
    server.close();
  }
}

function makeCertificate(folder: string): Certificate {
  const [file, key] = ["certificate.pem", "key.pem"].map((name) => join(folder, name)) as [string, string];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject];
  runProgram("openssl", [...request, "-keyout", key, "-out", file], folder);
  return { file, key };
}
