import { useEffect, useState } from "preact/hooks";
import { inTurn } from "../charts/in-turn.ts";

/** What `draw` made of the inputs, in a frame of its own; until then what it made of those before, or undefined. */
export function useDrawn(draw: () => SVGSVGElement, inputs: readonly unknown[]): SVGSVGElement | undefined {
  const [drawn, setDrawn] = useState<SVGSVGElement | undefined>(undefined);
  useEffect(() => inTurn(() => setDrawn(draw())), inputs);
  return drawn;
}
