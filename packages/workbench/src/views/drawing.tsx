import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A drawing that was made outside of the view, and its place until then; `from` and `to` show a part of it, in pixels. */
export function Drawing({
  svg,
  height,
  from = 0,
  to,
}: {
  readonly svg: SVGSVGElement | undefined;
  readonly height: number;
  readonly from?: number;
  readonly to?: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(...(svg === undefined ? [] : [svg]));
  }, [svg]);
  const right = to === undefined ? "0" : `calc(100% - ${to}px)`;
  const clipPath = from === 0 && to === undefined ? "none" : `inset(0 ${right} 0 ${from}px)`;
  return <div class="drawing" ref={place} style={{ clipPath, minHeight: `${height}px` }} />;
}
