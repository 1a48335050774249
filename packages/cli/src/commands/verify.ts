import { inFile, readModelFile, verifyModel } from "@oddflow/inference/node";
import type { Argv } from "yargs";
import { inKeyFile, readKeyFile } from "../read-model.ts";
import type { Command } from "../run-command.ts";
import { print } from "../terminal.ts";

interface VerifyArguments {
  model: string;
  key: string;
}

export const verifyCommand: Command<VerifyArguments> = {
  builder: (parser) =>
    parser
      .positional("model", { type: "string", demandOption: true, describe: "Model file" })
      .option("key", {
        requiresArg: true,
        type: "string",
        demandOption: true,
        describe: "Ed25519 public keys, PEM file",
      })
      .example(
        "$0 verify model.onnx --key public.pem",
        "exit status 3 when it has not",
      ) as Argv<VerifyArguments>,
  handler: verify,
};

async function verify({ model, key }: VerifyArguments): Promise<void> {
  const publicKeys = await readKeyFile(key);
  const bytes = await readModelFile(model);
  const keyId = await inKeyFile(key, () => inFile(model, () => verifyModel(bytes, publicKeys)));
  print(`${model}: signed with the key ${keyId}\n`);
}
