export { parseRules } from "@oddflow/rules";
