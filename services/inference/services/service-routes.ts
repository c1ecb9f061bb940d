import { z } from "zod";
import { latencyQuantile } from "../../../models/windows/latency-quantile.ts";
import type { Clock } from "../../platform/clock.ts";
import { formatDuration } from "../../platform/config/parsers.ts";
import type { Database } from "../../platform/store/database.ts";
import { readErrorGroups } from "../../platform/store/errors-store.ts";
import { readWindows, type StoredWindow } from "../../platform/store/windows-store.ts";
import { decodeCursor, toPage } from "../http/cursor.ts";
import { defineRoute, ok, type Route } from "../http/route.ts";
import { textSchema, toTimestamp } from "../http/schemas.ts";
import { presentGroup } from "./present-group.ts";
import { requireService } from "./service-reference.ts";
import {
  allErrorsQuerySchema,
  errorsPageSchema,
  errorsQuerySchema,
  serviceParamsSchema,
  servicesPageSchema,
  servicesQuerySchema,
  type serviceViewSchema,
  type windowSchema,
  windowsPageSchema,
  windowsQuerySchema,
} from "./service-schemas.ts";
import { listServiceViews, riskiestServiceViews, type ServiceView } from "./service-views.ts";

const tag = "services";
const servicePositionSchema = z.tuple([z.int()]);
const windowPositionSchema = z.tuple([z.int()]);
const errorPositionSchema = z.tuple([z.int(), textSchema({ max: 256 })]);

export interface ServiceRouteDeps {
  db: Database;
  clock: Clock;
  windowSizeMs: number;
  primaryHorizonMs: number;
}

export function serviceRoutes({ db, clock, windowSizeMs, primaryHorizonMs }: ServiceRouteDeps): Route[] {
  const errorsPage = async (serviceId: number | null, query: { limit: number; cursor?: string | undefined }) => {
    const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, errorPositionSchema);
    const after = position === undefined ? {} : { after: { lastSeenMs: position[0], fingerprint: position[1] } };
    const groups = await readErrorGroups(db, serviceId, { limit: query.limit + 1, ...after });
    const page = toPage(groups, query.limit, (group) => [group.lastSeenMs, group.fingerprint]);
    return ok({ items: page.rows.map(presentGroup), nextCursor: page.nextCursor });
  };

  return [
    defineRoute({
      method: "get",
      path: "/services",
      operationId: "listServices",
      tag,
      summary: "Services, with their current risk",
      query: servicesQuerySchema,
      responses: { 200: { description: "A page", schema: servicesPageSchema } },
      async handle({ query }) {
        const context = { nowMs: clock.now(), windowSizeMs, primaryHorizonMs };
        if (query.sort === "risk") {
          const views = await riskiestServiceViews(db, query.limit, context);
          return ok({ items: views.map(presentService), nextCursor: null });
        }
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, servicePositionSchema);
        const views = await listServiceViews(db, { limit: query.limit + 1, after: position?.[0] }, context);
        const page = toPage(views, query.limit, ({ service }) => [service.id]);
        return ok({ items: page.rows.map(presentService), nextCursor: page.nextCursor });
      },
    }),
    defineRoute({
      method: "get",
      path: "/services/{name}/windows",
      operationId: "listWindows",
      tag,
      summary: "Windows of a service, newest first",
      params: serviceParamsSchema,
      query: windowsQuerySchema,
      problems: [404],
      responses: { 200: { description: "A page", schema: windowsPageSchema } },
      async handle({ params, query }) {
        const { namespace, environment } = query;
        const service = await requireService(db, { name: params.name, namespace, environment }, "query");
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, windowPositionSchema);
        const windows = await readWindows(db, service.id, {
          fromMs: query.from ?? 0,
          toMs: position?.[0] ?? query.to ?? Number.MAX_SAFE_INTEGER,
          limit: query.limit + 1,
        });
        const page = toPage(windows.reverse(), query.limit, ({ startMs }) => [startMs]);
        return ok({
          items: page.rows.map((window) => presentWindow(window, windowSizeMs)),
          nextCursor: page.nextCursor,
        });
      },
    }),
    defineRoute({
      method: "get",
      path: "/services/{name}/errors",
      operationId: "listServiceErrors",
      tag,
      summary: "Groups of errors of a service, most recently seen first",
      params: serviceParamsSchema,
      query: errorsQuerySchema,
      problems: [404],
      responses: { 200: { description: "A page", schema: errorsPageSchema } },
      async handle({ params, query }) {
        const { namespace, environment } = query;
        const service = await requireService(db, { name: params.name, namespace, environment }, "query");
        return errorsPage(service.id, query);
      },
    }),
    defineRoute({
      method: "get",
      path: "/errors",
      operationId: "listErrors",
      tag,
      summary: "Groups of errors of all services, most recently seen first",
      query: allErrorsQuerySchema,
      responses: { 200: { description: "A page", schema: errorsPageSchema } },
      handle: ({ query }) => errorsPage(null, query),
    }),
  ];
}

function presentService({ service, lastWindow, risk }: ServiceView): z.input<typeof serviceViewSchema> {
  const { namespace, name, environment, language, retired } = service;
  return {
    namespace,
    name,
    environment,
    language,
    firstSeen: toTimestamp(service.firstEventMs),
    lastSeen: toTimestamp(service.lastEventMs),
    retired,
    failing: lastWindow?.failed ?? null,
    windowEnd: lastWindow === null ? null : toTimestamp(lastWindow.endMs),
    risk:
      risk === null
        ? null
        : {
            at: toTimestamp(risk.atMs),
            state: risk.state,
            modelName: risk.modelName,
            modelVersion: risk.modelVersion,
            horizons: risk.horizons.map(({ horizonMs, probability, lower, upper }) => ({
              horizon: formatDuration(horizonMs),
              horizonMs,
              probability,
              interval: { lower, upper },
            })),
          },
  };
}

function presentWindow(window: StoredWindow, windowSizeMs: number): z.input<typeof windowSchema> {
  const { stats, startMs, closed, failed, onset, lateCount } = window;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((quantile) => latencyQuantile(stats, quantile));
  return {
    start: toTimestamp(startMs),
    end: toTimestamp(startMs + windowSizeMs),
    closed,
    failed,
    onset,
    lateCount,
    requestCount: stats.requestCount,
    requestErrorCount: stats.requestErrorCount,
    callCount: stats.callCount,
    callErrorCount: stats.callErrorCount,
    errorCount: stats.errorCount,
    errorLogCount: stats.errorLogCount,
    warnLogCount: stats.warnLogCount,
    latencyMs: p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99 },
    classes: stats.classes,
  };
}
