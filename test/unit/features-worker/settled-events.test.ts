import { describe, expect, it } from "vitest";
import { createSettledEvents } from "../../../services/features/close/settled-events.ts";

describe("settled events", () => {
  it("count only when those before them had time to come in", () => {
    const settled = createSettledEvents(2_000);
    settled.note(100, 10_000);
    settled.note(200, 11_000);
    expect(settled.maxEventMs()).toBeNull();
    settled.note(300, 12_000);
    expect(settled.maxEventMs()).toBe(100);
    settled.note(300, 13_500);
    expect(settled.maxEventMs()).toBe(200);
    settled.note(300, 14_000);
    expect(settled.maxEventMs()).toBe(300);
  });

  it("count at once when nothing is on the way", () => {
    const settled = createSettledEvents(2_000);
    settled.note(100, 10_000);
    settled.settle();
    expect(settled.maxEventMs()).toBe(100);
    settled.settle();
    expect(settled.maxEventMs()).toBe(100);
  });

  it("say nothing before anything arrived", () => {
    const settled = createSettledEvents(2_000);
    settled.note(null, 10_000);
    settled.note(null, 20_000);
    settled.settle();
    expect(settled.maxEventMs()).toBeNull();
  });
});
