import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runHere as run } from "./in-process.ts";
import { FLOWS, MODEL, temporaryFolder } from "./run-cli.ts";

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const parquet = readFileSync(FLOWS);
const model = readFileSync(MODEL);
mkdirSync(at("a-folder"));
symlinkSync("/dev/null", at("device.csv"));

/** What is run, the exit status, and what the one line on standard error must say. */
const cases: [string, "oddflow" | "score-batch", string[], number, RegExp][] = [
  ["no such file", "score-batch", [at("nowhere.parquet")], 3, /nowhere\.parquet/],
  ["an empty file", "score-batch", [write("empty.parquet", "")], 3, /empty\.parquet.*empty/],
  [
    "a Parquet file cut short",
    "score-batch",
    [write("cut.parquet", parquet.subarray(0, parquet.length / 2))],
    3,
    /cut\.parquet/,
  ],
  [
    "a Parquet file that is none",
    "score-batch",
    [write("text.parquet", "not,parquet\n1,2\n")],
    3,
    /text\.parquet/,
  ],
  ["a table without rows", "score-batch", [write("header.csv", "dur,sbytes\n")], 3, /header\.csv/],
  [
    "columns that are missing, all at once",
    "score-batch",
    [write("few.csv", "dur,sbytes\n1,2\n")],
    3,
    /31 columns.*"protocol".*"dbytes".*"ct_ftp_cmd"/,
  ],
  ["a folder that is not there", "score-batch", [FLOWS, "-o", at("no/such/out.parquet")], 3, /no\/such/],
  ["an output that is a folder", "score-batch", [FLOWS, "-o", at("a-folder")], 2, /a-folder/],
  [
    "the input as output",
    "score-batch",
    [at("same.csv"), "-o", at("same.csv")],
    2,
    /same\.csv is the input itself/,
  ],
  ["a model that is not there", "score-batch", [FLOWS, "-m", at("no.onnx")], 3, /no\.onnx: no such file/],
  [
    "a model that is none",
    "score-batch",
    [FLOWS, "-m", write("bad.onnx", "hello there")],
    3,
    /bad\.onnx: it is no ONNX file/,
  ],
  [
    "a model cut short",
    "oddflow",
    ["inspect", write("cut.onnx", model.subarray(0, 9999))],
    3,
    /read model: .*cut\.onnx: it ends too early/,
  ],
  ["an unknown option", "score-batch", [FLOWS, "--fast"], 2, /Unknown argument: fast.*--help/],
  ["an unknown command", "oddflow", ["learn"], 2, /learn.*--help/],
  [
    "a budget above 1",
    "score-batch",
    [FLOWS, "--budget", "5"],
    2,
    /--budget 5: expected a share from 0 to 1, or a number of alarms/,
  ],
  [
    "a budget in a unit that is none",
    "score-batch",
    [FLOWS, "--budget", "5/year"],
    2,
    /--budget 5\/year: expected/,
  ],
  [
    "alarms a day without a time column",
    "score-batch",
    [at("same.csv"), "-b", "5/day"],
    2,
    /no column that is known to hold times/,
  ],
  ["alarms a day of a pipe", "score-batch", ["-", "-b", "5/day"], 2, /on standard input .* no known rate/],
  [
    "a threshold that is no number",
    "score-batch",
    [FLOWS, "-t", "abc"],
    2,
    /--t(hreshold)?: expected a number/,
  ],
  ["an option without its value", "score-batch", [FLOWS, "-m"], 2, /Not enough arguments following: m/],
  ["an option given twice", "score-batch", [FLOWS, "-o", "a.csv", "-o", "b.csv"], 2, /given 2 times/],
  ["more threads than any machine has", "score-batch", [FLOWS, "--threads", "9999"], 2, /--threads 9999/],
  ["more top columns than can be meant", "score-batch", [FLOWS, "--top", "1000000"], 2, /--top 1000000/],
  [
    "a layer beyond reason",
    "oddflow",
    ["train", FLOWS, "--latent", "100000000", "-o", at("m.onnx")],
    2,
    /--latent 100000000: expected a whole number from 1 to 65536/,
  ],
  ["no hidden layer", "oddflow", ["train", FLOWS, "--hidden", "", "-o", at("m.onnx")], 2, /--hidden/],
  ["an output that is a device", "score-batch", [FLOWS, "-o", at("device.csv")], 3, /no regular file/],
  ["standard output for a table", "score-batch", [FLOWS, "-o", "-"], 2, /--out -/],
  [
    "standard input to train on",
    "oddflow",
    ["train", "-", "-o", at("m.onnx")],
    2,
    /train reads files, not standard input/,
  ],
  ["a folder as a model", "oddflow", ["inspect", at("a-folder")], 3, /a-folder: it is a folder/],
  ["a budget and a threshold", "score-batch", [FLOWS, "-b", "0.1", "-t", "1"], 2, /mutually exclusive/],
  [
    "a provider that is not there",
    "score-batch",
    [FLOWS, "--provider", "cuda"],
    2,
    /cuda provider cannot be had/,
  ],
  ["a file and standard input", "score-batch", [FLOWS, "-"], 2, /standard input/],
  [
    "labels that are not there",
    "oddflow",
    ["evaluate", write("plain.csv", plainCsv())],
    3,
    /no labels.*--role COLUMN=label/,
  ],
  [
    "a role that is none",
    "oddflow",
    ["train", FLOWS, "--role", "dur=key", "-o", at("m.onnx")],
    2,
    /--role dur=key: expected COLUMN=ROLE/,
  ],
  [
    "a role for no column",
    "oddflow",
    ["train", FLOWS, "--role", "nix=label", "-o", at("m.onnx")],
    2,
    /no column "nix"/,
  ],
  [
    "a share of attacks in training above 0.2, by its former name",
    "oddflow",
    ["train", FLOWS, "--contamination", "0.5", "-o", at("m.onnx")],
    2,
    /--attacks-in-training 0\.5: expected a number from 0 to 0\.2/,
  ],
  [
    "text where numbers are expected",
    "oddflow",
    ["train", FLOWS, "--role", "service=number", "-o", at("m.onnx")],
    3,
    /"service".*text where numbers are expected/,
  ],
  [
    "a layer that is no number",
    "oddflow",
    ["train", FLOWS, "--hidden", "64,x", "-o", at("m.onnx")],
    2,
    /--hidden 64,x/,
  ],
  [
    "a model in a folder that is not there",
    "oddflow",
    ["train", FLOWS, "-o", at("no/such/m.onnx")],
    3,
    /no\/such/,
  ],
];

/** The model's columns, one row, no label. */
function plainCsv(): string {
  const names =
    "protocol,state,dur,sbytes,dbytes,sttl,dttl,sloss,dloss,service,sload,dload,spkts,dpkts,swin,dwin,stcpb,dtcpb,smeansz,dmeansz," +
    "trans_depth,res_bdy_len,sjit,djit,sintpkt,dintpkt,tcprtt,synack,ackdat,ct_state_ttl,ct_flw_http_mthd,is_ftp_login,ct_ftp_cmd";
  return `${names}\n${names
    .split(",")
    .map((name) => (name === "protocol" ? "tcp" : "1"))
    .join(",")}\n`;
}
writeFileSync(at("same.csv"), plainCsv());

describe("is answered with one line and the right exit status, and nothing is written:", () => {
  test.each(cases)("%s", async (_, command, args, status, message) => {
    const before = readdirSync(folder);
    const finished = await run(command, args, { cwd: folder });
    expect(finished.stderr).toMatch(message);
    expect([finished.stderr.trimEnd().split("\n").length, finished.status]).toEqual([1, status]);
    expect(finished.stderr).not.toMatch(/\n {4}at /);
    expect(readdirSync(folder)).toEqual(before);
    expect(existsSync(at("m.onnx"))).toBe(false);
  });
});
