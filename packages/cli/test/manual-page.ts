import type { ArgumentForm, CommandForm, OptionForm } from "../src/command-forms/command-form.ts";
import { EXIT_STATUS } from "../src/run-command.ts";

/** What README.md says of them, in short. */
const STATUS_MEANINGS: Readonly<Record<keyof typeof EXIT_STATUS, string>> = {
  ok: "done",
  bug: "a bug in Oddflow; the stack trace is printed",
  usage: "wrong usage: an option, a role, a rule, a key, a provider that this machine does not have",
  badData: "bad data, or an output that cannot be written",
  moved: "flows have moved too far: drift past its limit, or recalibrate refusing",
  interrupted: "interrupted",
};

const ENVIRONMENT: Readonly<Record<string, string>> = {
  ODDFLOW_TOKEN: "The bearer token that requests to serve, and to the metrics of stream, must have",
  ORT_DISABLE_TELEMETRY: "Set to 1 for onnxruntime unless it is there; what you set is left alone",
  TMPDIR: "Where files from addresses are put while they are read",
  "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL_S3":
    "Keys and place of s3:// addresses",
  "GS_ACCESS_KEY_ID, GS_SECRET_ACCESS_KEY, GOOGLE_OAUTH_ACCESS_TOKEN": "Keys of gs:// addresses",
  "HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, AWS_CA_BUNDLE": "The way to addresses, and whom to trust there",
};

/** A program's page of section 1, in man's macros, from what its help says. */
export function manualPage(form: CommandForm, version: string, seeAlso: readonly string[]): string {
  const name = form.words.join(" ");
  return `${[
    '.\\" Made from the commands themselves by test/manual.test.ts; `vitest run -u` writes it anew.',
    `.TH ${name.toUpperCase()} 1 "" "Oddflow ${version}" "User commands"`,
    ".SH NAME",
    roff(`${name} - ${lowerFirst(form.describe)}`),
    ".SH SYNOPSIS",
    ...synopsis(form),
    ".SH DESCRIPTION",
    roff(
      "Trains deep autoencoders on flow records, puts the whole detector into one ONNX file, and scores flows with it. " +
        "Nothing leaves the machine, unless an address is named. Flows are read as their sensor wrote them.",
    ),
    ...(form.commands.length === 0
      ? [".SH OPTIONS", ...body(form)]
      : [".SH COMMANDS", ...form.commands.flatMap(commandSection), ".SH OPTIONS", ...body(form)]),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT_STATUS).flatMap(([key, status]) =>
      tagged(String(status), STATUS_MEANINGS[key as keyof typeof EXIT_STATUS]),
    ),
    ".SH ENVIRONMENT",
    ...Object.entries(ENVIRONMENT).flatMap(([variable, meaning]) =>
      tagged(`.B ${roff(variable).replaceAll("\n", " ")}`, meaning),
    ),
    ".SH SEE ALSO",
    `${seeAlso.map((page) => `.BR ${page} (1)`).join(" ,\n")}`,
  ].join("\n")}\n`;
}

function commandSection(form: CommandForm): string[] {
  const title = [`.SS ${roff(form.words.slice(1).join(" "))}`, ...synopsis(form)];
  // Those of all programs stand at the end, once.
  const own = form.options.filter(({ name }) => name !== "help" && name !== "version");
  const said = [".PP", sentence(form.describe), ...body({ ...form, options: own })];
  return [...title, ...said, ...form.commands.flatMap(commandSection)];
}

function body({ positionals, options, examples, epilogs }: CommandForm): string[] {
  const own = options.filter(({ group }) => group === undefined);
  const groups = [...new Set(options.flatMap(({ group }) => group ?? []))];
  return [
    ...positionals.flatMap((each) => tagged(`.I ${roff(each.name)}`, meaning(each))),
    ...own.flatMap(optionLines),
    ...groups.flatMap((title) => [
      ".PP",
      roff(title),
      ...options.filter(({ group }) => group === title).flatMap(optionLines),
    ]),
    ...epilogs.flatMap((text) => [".PP", roff(text)]),
    ...examples.flatMap(({ command, meaning: what }) => [
      ".PP",
      `${sentence(upperFirst(what)).slice(0, -1)}:`,
      ".PP",
      ".EX",
      `    ${roff(command).replaceAll("\n", " ")}`,
      ".EE",
    ]),
  ];
}

function synopsis({ words, usage, options }: CommandForm): string[] {
  // Beside help and version, which all have.
  const isWithOptions = options.length > 2;
  return [
    `.B ${roff(words.join(" "))}`,
    ...(isWithOptions ? ["[options]"] : []),
    ...(usage === "" ? [] : [roff(usage)]),
  ];
}

function optionLines(option: OptionForm): string[] {
  const flags = option.flags.map((flag) => `\\fB${roff(flag)}\\fR`).join(", ");
  const { kind } = option.value;
  const value =
    kind === "none" ? "" : ` \\fI${kind === "number" ? "number" : kind === "choice" ? "word" : "text"}\\fR`;
  return tagged(`${flags}${value}`, meaning(option));
}

function meaning({ describe, value, defaultText, isRepeatable }: ArgumentForm): string {
  const choices = value.kind === "choice" ? `: one of ${value.choices.join(", ")}` : "";
  const repeats = isRepeatable ? "; may be repeated" : "";
  const otherwise = defaultText === undefined ? "" : `  [default: ${defaultText}]`;
  // What is said of a default stays at the end.
  const [said = "", ...after] = describe.split(/(?= {2}\[default)/);
  return `${said}${choices}${repeats}${after.join("")}${otherwise}`.replace(/ {2}\[/g, " [");
}

function tagged(tag: string, text: string): string[] {
  return [".TP", tag, sentence(text)];
}

function sentence(text: string): string {
  return roff(/[.)\]]$/.test(text) ? text : `${text}.`);
}

const LINE = 78;

/** A text as roff shows it, in lines: its own backslashes and dashes, and no line that is taken for a request. */
function roff(text: string): string {
  const lines: string[] = [];
  for (const word of text.replaceAll("\\", "\\e").replaceAll("-", "\\-").split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < LINE) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replace(/^[.']/, "\\&$&")).join("\n");
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
