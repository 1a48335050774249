/** The option of commands that ask when a host's flows were. */
export const HOST_TIME_OPTION = {
  requiresArg: true,
  type: "string",
  describe: "Column of times  [default: found by its name]",
} as const;

/** The option of commands that tell hosts apart. */
export const NETWORK_OPTION = {
  requiresArg: true,
  type: "string",
  describe: "Column that keeps networks apart which use the same addresses",
} as const;
