import "virtual:oddflow-palette.css";
import "./style.css";
import { render } from "preact";
import { Workbench } from "./page/workbench.ts";
import { App } from "./views/app.tsx";

const workbench = new Workbench();
render(<App workbench={workbench} />, document.body);
void workbench.look();
