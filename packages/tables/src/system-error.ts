/** What the system said about a file, through Node. */
export interface SystemError extends Error {
  /** Such as ENOENT. */
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** What was thrown, where it is the system's; undefined for anything else. */
export function systemError(thrown: unknown): SystemError | undefined {
  const isSystems = thrown instanceof Error && "syscall" in thrown && "code" in thrown;
  return isSystems ? (thrown as SystemError) : undefined;
}
