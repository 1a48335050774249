export type { PageServer, ServeOptions } from "./serve-page.ts";
export { servePage } from "./serve-page.ts";
