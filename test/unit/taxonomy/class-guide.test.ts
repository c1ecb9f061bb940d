import { expect, it } from "vitest";
import { CLASS_GUIDE, SEVERITIES } from "../../../models/taxonomy/class-guide.ts";
import { ERROR_CLASSES } from "../../../models/taxonomy/classes.ts";

it("tells for every class what it means, how bad it is and what to do", () => {
  expect(Object.keys(CLASS_GUIDE)).toEqual([...ERROR_CLASSES]);
  for (const guide of Object.values(CLASS_GUIDE)) {
    expect(guide.description.length).toBeGreaterThan(10);
    expect(SEVERITIES).toContain(guide.severity);
    expect(guide.recommendedActions.length).toBeGreaterThan(1);
  }
});
