import { defineRoute, ok, type Route } from "../http/route.ts";
import { classifyReplySchema, classifyRequestSchema, driftReplySchema } from "./classify-schemas.ts";
import type { ClassifyService } from "./classify-service.ts";

export function classifyRoutes(service: ClassifyService): Route[] {
  return [
    defineRoute({
      method: "post",
      path: "/classify",
      operationId: "classifyErrors",
      tag: "classification",
      summary: "What kind of error is this?",
      description:
        "Rules, the model and the operators' memory vote; the answer shows each vote and its reasons, and abstains (`unknown`) rather than guess. Answers are kept so that feedback can correct them.",
      body: classifyRequestSchema,
      responses: { 200: { description: "One answer per error, in order", schema: classifyReplySchema } },
      handle: async ({ body }) => ok({ classifications: await service.classify(body.errors) }),
    }),
    defineRoute({
      method: "get",
      path: "/classify/drift",
      operationId: "getClassifierDrift",
      tag: "classification",
      summary: "Have the errors moved away from those that the classifier knows?",
      description:
        "ADWIN over the loss of labels; stability of class mix and words among the kinds of error first seen in the last week, against those of the four weeks before; share of novel kinds.",
      responses: { 200: { description: "One entry per sign", schema: driftReplySchema } },
      handle: async () => ok({ signals: await service.drift() }),
    }),
  ];
}
