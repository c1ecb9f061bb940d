/** What does not exist: HTTP, gRPC, errno and the exception types of stores and object mappers. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const NOT_FOUND_RULES: readonly Rule[] = [
  {
    id: "not-found-code",
    class: "not_found",
    strength: 0.9,
    codes: names(`
      http:404 http:410 grpc:NOT_FOUND errno:ENOENT errno:ENOTDIR errno:ESRCH errno:ENXIO sqlstate:02000 sqlstate:P0002 smtp:5.1.1
      smtp:5.1.2 smtp:550 curl:78 curl:37
    `),
    examples: [{ attributes: { "http.response.status_code": 404 }, message: "Not Found" }],
  },
  {
    id: "not-found-type",
    class: "not_found",
    strength: 0.92,
    types: names(`
      FileNotFoundException NoSuchFileException FileNotFoundError NotFoundException NotFoundError NotFound EntityNotFoundException
      ResourceNotFoundException NoSuchKey NoSuchBucket NoSuchKeyException NoSuchBucketException DoesNotExist ObjectDoesNotExist
      ObjectNotFoundException Http404 EmptyResultDataAccessException NoResultException NoResultFound RecordNotFound
      ActiveRecord::RecordNotFound ModelNotFoundException NotFoundHttpException DirectoryNotFoundException
      UnknownTopicOrPartitionException UnknownTopicOrPartitionError UnknownTopicOrPart UserNotFoundException
      NoHandlerFoundException RouteNotFound ActionController::RoutingError Phoenix.Router.NoRouteError Ecto.NoResultsError
      NoResourceFoundException Errno::ENOENT NoSuchEntity NoSuchEntityException QueueDoesNotExist IndexNotFoundException
      UnknownServiceException BlobNotFound ContainerNotFound MissingRecord NoSuchUpload sql.ErrNoRows RowNotFound
      KeyNotFoundException ItemNotFoundException NoSuchElementError
    `),
    without: phrases(`
      permission denied | access is denied | shared object | executable file not found | class | module
    `),
    examples: [{ type: "java.nio.file.NoSuchFileException", message: "/data/in/prices.csv" }],
  },
  {
    id: "not-found-phrase",
    class: "not_found",
    strength: 0.84,
    phrases: phrases(`
      not found | does not exist | do not exist | doesn't exist | did not exist | no such file or directory | no such file
      no such key | no such bucket | no such queue | no such topic | no such user | no such container | no such index
      no such object | no such stream | no such exchange | no such entity | no such record | no such image
      could not find a part of the path | could not find file | cannot find the file | cannot find the path
      cannot find the file specified | could not be found | was not found | cannot be found | is unknown | unknown topic
      unknown user | unknown customer | unknown order | unknown account | unknown product | unknown id | unknown order id
      unknown resource | no longer exists | has been deleted | was deleted | no rows in result set | no rows returned
      no row found | no record found | no records found | no result found | no results found | no entity found
      query returned no rows | no match for | no matching record | couldn't find | could not find | cannot find | can't find
      unable to find | failed to find | couldn't locate | unable to locate | nothing found | no file at | is gone
      no longer available | user unknown | mailbox unavailable | recipient address rejected | no route matches | no route found
      matches none | has no entry for | does not have an entry | there is no customer | there is no order | there is no * with
      not on file | not in the catalog | not in catalogue | never existed | nobody by that name | unknown message id
      stream not found | failed to open stream | no document found | missing file | file is missing | 404
    `),
    without: phrases(`
      module | class | package | command not found | shared object | library | executable | relation | column | table | function
      method | environment variable | driver | setting | provider | plugin | schema | host not found | leader | property
      getaddrinfo | dependency | interpreter | symbol | is not defined | bean | hostname | matching clause | cluster node
      application environment | current path | in env
    `),
    examples: ["order 4711 not found"],
  },
  {
    id: "unknown-topic",
    class: "not_found",
    strength: 0.9,
    phrases: phrases(`
      unknown topic or partition | topic does not exist | this server does not host this topic | index not found | no such index
      nosuchkey | the specified key does not exist | the specified bucket does not exist | repository not found | object not found
      unknown stream | no queue | topic * not present in metadata
    `),
    examples: ["This server does not host this topic-partition."],
  },
];
