import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A drawing that was made outside of the view; `hiddenUpTo` hides it left of an x, in pixels. */
export function Drawing({
  svg,
  hiddenUpTo,
}: {
  readonly svg: SVGSVGElement;
  readonly hiddenUpTo?: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(svg);
  }, [svg]);
  const clipPath = hiddenUpTo === undefined ? "none" : `inset(0 0 0 ${hiddenUpTo}px)`;
  return <div class="drawing" ref={place} style={{ clipPath }} />;
}
