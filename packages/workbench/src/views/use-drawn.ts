import { useEffect, useState } from "preact/hooks";
import { inTurn } from "../charts/in-turn.ts";

/**
 * What `draw` made of the inputs, in a frame of its own. Until then it is what it made of those before, or undefined where there were
 * none or they were drawn for another width: that would stick out of a narrower page.
 */
export function useDrawn(
  draw: () => SVGSVGElement,
  width: number,
  inputs: readonly unknown[],
): SVGSVGElement | undefined {
  const [drawn, setDrawn] = useState<{ readonly svg: SVGSVGElement; readonly width: number } | undefined>();
  useEffect(() => inTurn(() => setDrawn({ svg: draw(), width })), [width, ...inputs]);
  return drawn?.width === width ? drawn.svg : undefined;
}
