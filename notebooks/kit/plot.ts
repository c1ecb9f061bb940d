/** Vega-Lite specifications drawn to SVG without a browser. */
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** @param spec with its data inline; the schema and a white background are added @returns an SVG document */
export async function plot(spec: Omit<TopLevelSpec, "$schema">): Promise<string> {
  // what is left out is added here
  const whole = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    background: "white",
    ...spec,
  } as TopLevelSpec;
  const view = new vega.View(vega.parse(compile(whole).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
