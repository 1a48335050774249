import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PATIENCE_MS = 50_000;

/**
 * Debian's Firefox has no driver here, so the page gets a second script that presses its buttons: it opens the sample,
 * saves the scored table as CSV, writes a rule, looks at hosts and incidents, and sends what it saw.
 */
const PROBE = `
  const until = async (find) => {
    for (;;) {
      const found = find();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const button = (text) => until(() => [...document.querySelectorAll("button")].find((one) => one.textContent.includes(text)));
  const saved = new Promise((resolve) => {
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => { resolve(blob); return create.call(URL, blob); };
  });
  HTMLAnchorElement.prototype.click = () => undefined;
  const run = async () => {
    (await button("Try the sample flows")).click();
    await until(() => document.querySelector(".key-figures, [role=alert]"));
    if (document.querySelector("[role=alert]")) throw new Error(document.querySelector("[role=alert]").textContent);
    await until(() => document.querySelector(".flows tbody tr"));
    await until(() => document.querySelectorAll(".drawing svg").length >= 5);
    const alarms = document.querySelector('[data-figure="alarms"]').textContent;
    (await button("Save the scored table")).click();
    const drawings = document.querySelectorAll(".drawing svg").length;
    const csv = await (await saved).text();
    const figure = async (name) => (await until(() => document.querySelector('[data-figure="' + name + '"]'))).textContent;
    document.querySelector(".flows .toggle button:last-child").click();
    (await button("Add this rule")).click();
    const hidden = await figure("hidden");
    const left = await figure("alarms");
    document.querySelector("#tab-hosts").click();
    const hosts = await figure("hosts");
    document.querySelector("#tab-incidents").click();
    return { alarms, drawings, csv, hidden, left, hosts, incidents: await figure("incidents") };
  };
  const outcome = await run().catch((error) => ({ error: String(error) }));
  await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
`;

/** What the page says, before a rule and with it, and the CSV that it saves before. */
interface Seen {
  readonly alarms: string;
  readonly drawings: number;
  readonly csv: string;
  readonly hidden: string;
  readonly left: string;
  readonly hosts: string;
  readonly incidents: string;
}

type Outcome = { readonly error: string } | Seen;

/** Serves the page as its own server does, with its policy, and the script beside it. */
function serveWithProbe(page: string): { readonly server: Server; readonly outcome: Promise<Outcome> } {
  let receive: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => {
    receive = resolve;
  });
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    if (request.method === "POST") {
      let body = "";
      for await (const piece of request) body += piece;
      response.end();
      receive(JSON.parse(body) as Outcome);
      return;
    }
    const answer = await fetch(new URL(path, page));
    for (const [name, value] of answer.headers)
      if (name !== "content-length") response.setHeader(name, value);
    response.statusCode = answer.status;
    if (path === "/probe.js") {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(PROBE);
    } else if (path === "/") {
      const html = await answer.text();
      response.end(html.replace("</head>", '<script type="module" src="/probe.js"></script></head>'));
    } else response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return { server, outcome };
}

/** Scores the sample flows in a headless Firefox with a new profile. @throws Error with what the page said instead */
export async function scoreInFirefox(program: string, page: string): Promise<Seen> {
  const { server, outcome } = serveWithProbe(page);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const profile = mkdtempSync(join(tmpdir(), "oddflow-firefox-"));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser = spawn(program, ["--headless", "--no-remote", "--profile", profile, address], {
    stdio: "ignore",
    detached: true,
  });
  try {
    const late = new Promise<Outcome>((resolve) => {
      setTimeout(() => resolve({ error: "the page sent nothing in time" }), PATIENCE_MS).unref();
    });
    const found = await Promise.race([outcome, late]);
    if ("error" in found) throw new Error(found.error);
    return found;
  } finally {
    // The browser's own processes are in its group.
    if (browser.pid !== undefined && browser.exitCode === null) {
      process.kill(-browser.pid, "SIGKILL");
      await once(browser, "exit");
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
