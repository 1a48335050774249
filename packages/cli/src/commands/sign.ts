import { inFile, readModelFile, signModel } from "@oddflow/inference/node";
import { findOutputPlace } from "@oddflow/tables";
import type { Argv } from "yargs";
import { inKeyFile, readKeyFile } from "../read-model.ts";
import type { Command } from "../run-command.ts";
import { print } from "../terminal.ts";

interface SignArguments {
  model: string;
  key: string;
  out: string | undefined;
}

export const signCommand: Command<SignArguments> = {
  builder: (parser) =>
    parser
      .positional("model", { type: "string", demandOption: true, describe: "Model file" })
      .option("key", {
        requiresArg: true,
        type: "string",
        demandOption: true,
        describe: "Ed25519 private key, PEM file",
      })
      .option("out", {
        requiresArg: true,
        alias: "o",
        type: "string",
        describe: "Where the signed model goes  [default: the model itself]",
      })
      .example("openssl genpkey -algorithm ed25519 -out private.pem", "makes a key")
      .example("openssl pkey -in private.pem -pubout -out public.pem", "its public half, for --trust")
      .example("$0 sign model.onnx --key private.pem", "") as Argv<SignArguments>,
  handler: sign,
};

async function sign({ model, key, out = model }: SignArguments): Promise<void> {
  const privateKey = await readKeyFile(key);
  const bytes = await readModelFile(model);
  const signed = await inKeyFile(key, () => inFile(model, () => signModel(bytes, privateKey)));
  const place = await findOutputPlace(out, [{ path: key }]);
  try {
    await place.fill(signed.model);
    await place.take();
  } catch (error) {
    await place.discard();
    throw error;
  }
  print(`signed     with the key ${signed.keyId}\nwritten    ${out}\n`);
}
