import type { ColumnCoding } from "@oddflow/preprocessing";
import type { FlowDataset } from "@oddflow/trainer";

const COLUMNS: readonly ColumnCoding[] = [
  { kind: "number", name: "bytes" },
  { kind: "number", name: "packets" },
  { kind: "number", name: "duration" },
  { kind: "category", name: "service", valueType: "text", vocabulary: ["dns", "http", "ssh"] },
];

/**
 * Made-up flows: bytes follow packets and the service in normal ones (three of four) and not in attacks; one value in
 * twenty is missing. The same every time.
 */
export function makeDataset(rows: number, labelled = true): FlowDataset {
  const flows = new Float32Array(rows * COLUMNS.length);
  const isAttack = new Uint8Array(rows);
  const codes = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const noise = (k: number): number => Math.abs(Math.sin((row + 1) * 12.9898 * (k + 1)) * 43_758.5453) % 1;
    const attack = row % 4 === 3;
    const service = row % 3;
    const packets = 2 + Math.floor(noise(0) * 20) + service * 10;
    const bytes = attack
      ? 40 * packets * (0.1 + 30 * noise(1))
      : packets * (60 + 300 * service + 10 * noise(1));
    flows.set([bytes, packets, noise(2) * packets * 0.1, service], row * COLUMNS.length);
    if (noise(3) < 0.05) flows[row * COLUMNS.length + (row % 3)] = Number.NaN;
    isAttack[row] = attack ? 1 : 0;
    codes[row] = attack ? 1 + (row % 2) : 0;
  }
  const attackTypes = { names: ["normal", "dos", "scan"], codes };
  return { columns: COLUMNS, flows, ...(labelled ? { labels: { isAttack, attackTypes } } : {}) };
}
