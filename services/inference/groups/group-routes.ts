import { z } from "zod";
import { HarbingerError } from "../../platform/errors.ts";
import { readRegrouping } from "../../platform/grouping/grouping-source.ts";
import type { Database } from "../../platform/store/database.ts";
import { findErrorGroup } from "../../platform/store/errors-store.ts";
import { readGroupMembers } from "../../platform/store/group-reads.ts";
import { type GroupingChange, readGroupingChanges } from "../../platform/store/grouping-store.ts";
import { decodeCursor, toPage } from "../http/cursor.ts";
import { requestHash } from "../http/idempotency.ts";
import { defineRoute, ok, type Reply, type Route } from "../http/route.ts";
import { toTimestamp } from "../http/schemas.ts";
import { presentGroup } from "../services/present-group.ts";
import {
  changesPageSchema,
  changesQuerySchema,
  groupDetailSchema,
  groupingChangeParamsSchema,
  groupingChangeSchema,
  groupingHeadersSchema,
  groupingRequestSchema,
  groupParamsSchema,
  similarGroupsSchema,
  similarQuerySchema,
  undoQuerySchema,
} from "./group-schemas.ts";
import type { GroupingService } from "./grouping-service.ts";
import type { SimilarGroups } from "./similar-groups.ts";

const tag = "groups";
const changePositionSchema = z.tuple([z.int()]);
const MAX_MEMBERS = 100;

export interface GroupRouteDeps {
  db: Database;
  grouping: GroupingService;
  similar: SimilarGroups;
}

export function groupRoutes({ db, grouping, similar }: GroupRouteDeps): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/errors/groups/{fingerprint}",
      operationId: "getErrorGroup",
      tag,
      summary: "A group of errors, and the kinds of error in it",
      description: "A fingerprint that was merged into another group gives that group.",
      params: groupParamsSchema,
      problems: [404],
      responses: { 200: { description: "The group", schema: groupDetailSchema } },
      async handle({ params: { fingerprint } }) {
        const group = await findErrorGroup(db, fingerprint);
        if (group === null) throw new HarbingerError("NOT_FOUND", "there is no such group of errors");
        const members = await readGroupMembers(db, group.fingerprint, MAX_MEMBERS);
        return ok({
          group: presentGroup(group),
          splitBy: (await readRegrouping(db)).splitOf(group.fingerprint),
          members: members.map(({ member, firstSeenMs, lastSeenMs, ...about }) => ({
            ...about,
            fingerprint: member,
            firstSeen: toTimestamp(firstSeenMs),
            lastSeen: toTimestamp(lastSeenMs),
          })),
        });
      },
    }),
    defineRoute({
      method: "get",
      path: "/errors/groups/{fingerprint}/similar",
      operationId: "listSimilarErrors",
      tag,
      summary: "Groups whose errors look alike, most alike first",
      description: "By calls, words in their names, and words of the messages; what is rare counts most.",
      params: groupParamsSchema,
      query: similarQuerySchema,
      problems: [404],
      responses: { 200: { description: "Most alike first", schema: similarGroupsSchema } },
      async handle({ params: { fingerprint }, query }) {
        const found = await similar.find(fingerprint, query);
        return ok({ items: found.map(({ group, ...likeness }) => ({ group: presentGroup(group), ...likeness })) });
      },
    }),
    defineRoute({
      method: "post",
      path: "/grouping/changes",
      operationId: "changeGrouping",
      tag,
      summary: "Merge groups of errors, take merged ones apart, or split one",
      description:
        "Counts from the next job of every worker on, and at once in listings, `/classify` and the memory of labels. Nothing that was counted is lost: undoing gives the groups that there would have been.",
      headers: groupingHeadersSchema,
      body: groupingRequestSchema,
      problems: [404, 409],
      responses: {
        201: { description: "Changed", schema: groupingChangeSchema, headers: { Location: "the listing of changes" } },
        200: {
          description: "The same request under this Idempotency-Key was answered before; this is that answer",
          schema: groupingChangeSchema,
        },
      },
      async handle({ headers, body }) {
        const { operator = null, comment = null, ...rest } = body;
        const { acrossTypes, ...step } = { acrossTypes: false, ...rest };
        const given = { step, acrossTypes, operator, comment };
        const idempotencyKey = headers["idempotency-key"] ?? null;
        return answer(await grouping.change({ ...given, idempotencyKey, requestHash: requestHash(body) }));
      },
    }),
    defineRoute({
      method: "get",
      path: "/grouping/changes",
      operationId: "listGroupingChanges",
      tag,
      summary: "Who merged and split what, newest first",
      description: "The log is only ever added to; an undoing is a change of its own.",
      query: changesQuerySchema,
      responses: { 200: { description: "A page", schema: changesPageSchema } },
      async handle({ query }) {
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, changePositionSchema);
        const before = position === undefined ? {} : { beforeSeq: position[0] };
        const changes = await readGroupingChanges(db, { limit: query.limit + 1, ...before });
        const page = toPage(changes, query.limit, ({ seq }) => [seq]);
        const items = page.rows.map((row) => ({ ...presentChange(row), undoneBy: row.undoneBy }));
        return ok({ items, nextCursor: page.nextCursor });
      },
    }),
    defineRoute({
      method: "delete",
      path: "/grouping/changes/{id}",
      operationId: "undoGroupingChange",
      tag,
      summary: "Undo a merge or a split",
      description: "Undoing twice changes nothing. A change on which later ones build is undone after them.",
      params: groupingChangeParamsSchema,
      query: undoQuerySchema,
      problems: [404, 409],
      responses: {
        201: { description: "Undone", schema: groupingChangeSchema, headers: { Location: "the listing of changes" } },
        200: { description: "It was undone before, by this", schema: groupingChangeSchema },
      },
      handle: async ({ params: { id }, query }) => answer(await grouping.undo(id, query.operator ?? null)),
    }),
  ];
}

function answer({ change, repeated }: { change: Omit<GroupingChange, "seq">; repeated: boolean }): Reply {
  const json = presentChange(change);
  return repeated ? ok(json) : { status: 201, headers: { Location: "/grouping/changes" }, json };
}

function presentChange(change: Omit<GroupingChange, "seq">): z.input<typeof groupingChangeSchema> {
  const { id, undoes, operator, comment, effect } = change;
  const step = change.step as z.input<typeof groupingChangeSchema>["step"];
  const moved = effect.moved.map(({ member, from, to }) => ({ fingerprint: member, from, to }));
  const createdAt = toTimestamp(change.createdAtMs);
  return { id, step, undoes, operator, comment, createdAt, effect: { movedCount: effect.movedCount, moved } };
}
