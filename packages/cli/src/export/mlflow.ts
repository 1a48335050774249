import type { PortableModel } from "@oddflow/detector";
import type { ExportedFile } from "./exported-file.ts";

/** What `pnpm check:platforms` tries with the files. */
const MLFLOW = "3.17.2";
const ONNX = "1.23.2";

const PACKAGES = [
  `mlflow-skinny==${MLFLOW}`,
  // MLflow hands texts over as pandas keeps them, and onnxruntime does not take those of pandas 3.
  "pandas==2.3.3",
  `onnx==${ONNX}`,
  "onnxruntime==1.30.0",
  "numpy==2.4.6",
];

/**
 * A folder that `mlflow.pyfunc.load_model` loads, of MLflow's ONNX flavour. It has a signature, so that MLflow says what is wrong
 * with flows that lack a column or have texts for numbers.
 */
export function mlflowFiles({ bytes, inputs, outputs }: PortableModel): readonly ExportedFile[] {
  const types = { float32: "double", text: "string", bool: "boolean" } as const;
  const signature = {
    inputs: inputs.map(({ name, type }) => ({ type: types[type], name, required: true })),
    outputs: outputs.map(({ name, type }) => ({
      type: type === "bool" ? "boolean" : "float",
      name,
      required: true,
    })),
  };
  const model = `flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_version: ${ONNX}
    providers:
    - CPUExecutionProvider
  python_function:
    data: model.onnx
    env:
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
mlflow_version: ${MLFLOW}
signature:
  inputs: ${yamlText(JSON.stringify(signature.inputs))}
  outputs: ${yamlText(JSON.stringify(signature.outputs))}
  params: null
`;
  return [
    { path: "MLmodel", content: model },
    { path: "model.onnx", content: bytes },
    { path: "requirements.txt", content: PACKAGES.map((each) => `${each}\n`).join("") },
    { path: "python_env.yaml", content: "dependencies:\n- -r requirements.txt\n" },
  ];
}

/** Text on one line between single quotes, which YAML takes as it is. */
function yamlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
