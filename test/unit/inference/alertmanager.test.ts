import { describe, expect, it } from "vitest";
import { type Alert, mapAlert } from "../../../services/inference/incidents/alertmanager.ts";

const alert = (changes: Partial<Alert>): Alert => ({
  status: "firing",
  labels: { alertname: "HighErrorRate", service: "checkout" },
  annotations: {},
  startsAt: "2026-01-31T12:00:00Z",
  endsAt: "0001-01-01T00:00:00Z",
  fingerprint: "c0ffee",
  ...changes,
});

describe("an alert of Alertmanager", () => {
  it("is an open incident while it fires", () => {
    expect(mapAlert(alert({ annotations: { summary: "Checkout fails" } }))).toEqual({
      externalId: `alertmanager:c0ffee:${Date.UTC(2026, 0, 31, 12)}`,
      services: [{ name: "checkout", namespace: undefined, environment: undefined }],
      startMs: Date.UTC(2026, 0, 31, 12),
      endMs: null,
      title: "Checkout fails",
      class: null,
    });
  });

  it("has the same external id when it resolves, and an end", () => {
    const resolved = mapAlert(alert({ status: "resolved", endsAt: "2026-01-31T12:30:00Z" }));
    expect(resolved).toMatchObject({
      externalId: `alertmanager:c0ffee:${Date.UTC(2026, 0, 31, 12)}`,
      endMs: Date.UTC(2026, 0, 31, 12, 30),
    });
  });

  it("is another incident when it fires anew", () => {
    const later = mapAlert(alert({ startsAt: "2026-02-01T12:00:00Z" }));
    expect(later).not.toMatchObject({ externalId: `alertmanager:c0ffee:${Date.UTC(2026, 0, 31, 12)}` });
  });

  it.each([
    [{ service_name: "payment", service: "k8s-svc" }, "payment"],
    [{ app: "payment" }, "payment"],
    [{ job: "shop/payment" }, "payment"],
    [{ job: "payment" }, "payment"],
  ])("names its service by the labels %j", (labels, name) => {
    const mapped = mapAlert(alert({ labels }));
    expect("services" in mapped && mapped.services[0]?.name).toBe(name);
  });

  it("reads namespace and environment, and tries without them after", () => {
    const labels = { job: "shop/payment", environment: "production" };
    const mapped = mapAlert(alert({ labels }));
    expect("services" in mapped && mapped.services).toEqual([
      { name: "payment", namespace: "shop", environment: "production" },
      { name: "payment", environment: "production" },
      { name: "payment" },
    ]);
  });

  it("is skipped without a service, and when Harbinger's own prediction made it", () => {
    expect(mapAlert(alert({ labels: { alertname: "Watchdog" } }))).toHaveProperty("skip");
    expect(mapAlert(alert({ labels: { service_name: "checkout", harbinger_horizon: "5m" } }))).toHaveProperty("skip");
  });

  it("takes a class of the taxonomy from its labels and nothing else", () => {
    expect(mapAlert(alert({ labels: { service: "a", error_class: "timeout" } }))).toMatchObject({ class: "timeout" });
    expect(mapAlert(alert({ labels: { service: "a", error_class: "tea" } }))).toMatchObject({ class: null });
  });
});
