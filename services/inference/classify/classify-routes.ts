import { defineRoute, ok, type Route } from "../http/route.ts";
import { classifyReplySchema, classifyRequestSchema } from "./classify-schemas.ts";
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
  ];
}
