import type { ComponentChildren, JSX } from "preact";

/** A button that opens the system's file dialog. */
export function OpenFile({
  children,
  accept,
  kind,
  onFile,
}: {
  readonly children: ComponentChildren;
  readonly accept?: string;
  readonly kind: "main" | "plain";
  readonly onFile: (file: File) => void;
}): JSX.Element {
  return (
    <label class={`button ${kind}`}>
      <input
        class="visually-hidden"
        type="file"
        {...(accept === undefined ? {} : { accept })}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // The same file may be chosen again: it may have changed.
          currentTarget.value = "";
          if (file !== undefined) onFile(file);
        }}
      />
      {children}
    </label>
  );
}
