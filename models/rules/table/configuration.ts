/** Modules, settings and binaries that are missing or do not fit together. */
import { names, phrases } from "../list.ts";
import type { Rule } from "../rule.ts";

export const CONFIGURATION_RULES: readonly Rule[] = [
  {
    id: "config-module",
    class: "configuration",
    strength: 0.94,
    types: names(`
      ModuleNotFoundError ImportError ClassNotFoundException NoClassDefFoundError UnsatisfiedLinkError
      UnsupportedClassVersionError NoSuchMethodError NoSuchFieldError AbstractMethodError IncompatibleClassChangeError
      ExceptionInInitializerError MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND ERR_DLOPEN_FAILED ERR_REQUIRE_ESM
      ERR_PACKAGE_PATH_NOT_EXPORTED ERR_UNKNOWN_FILE_EXTENSION ERR_UNSUPPORTED_DIR_IMPORT LoadError Gem::LoadError
      Gem::MissingSpecError Bundler::GemNotFound DllNotFoundException EntryPointNotFoundException BadImageFormatException
      FileLoadException TypeLoadException TypeInitializationException PackageNotFoundError VersionConflict DistributionNotFound
      LinkageError ServiceConfigurationError PluginNotFoundError NoSuchProviderException NoSuchAlgorithmException
    `),
    phrases: phrases(`
      failed to load driver | could not load driver | cannot load driver | unable to load driver | no module named
      cannot find module | cannot find package | module not found | cannot import name | could not find or load main class
      class not found | cannot load such file | error while loading shared libraries | cannot open shared object file
      shared object file | undefined symbol | symbol lookup error | version 'glibc | glibcxx | library not loaded
      unable to load dll | dll load failed | could not load file or assembly | has been compiled by a more recent version
      node module version | compiled against a different node.js version | wrong elf class | exec format error
      invalid elf header | was compiled against | incompatible version | version mismatch | incompatible with | requires version
      requires python | requires node | unsupported engine | no suitable driver | driver not found | could not find driver
      driver * not found | no such plugin | call to undefined function | command not found | executable file not found
      is not recognized as an internal or external command | no such file or directory: 'java' | bad interpreter | can't locate
      unable to locate package | package * does not exist | class * not found | module * is not available
      module * could not be loaded | autoload | failed to load library | missing library | missing dependency
      dependency * missing | peer dependency | unresolved dependency | no matching version | unknown extension
      extension * is not available | required extension | abi
    `),
    severity: "critical",
    advice: "Check that the image holds the module, library or binary that is named, in a version that matches.",
    examples: [{ type: "ModuleNotFoundError", message: "No module named 'psycopg2'" }],
  },
  {
    id: "config-setting",
    class: "configuration",
    strength: 0.9,
    types: names(`
      ImproperlyConfigured ConfigurationException ConfigurationError ConfigurationErrorsException ConfigError ConfigException
      InvalidConfigurationException BeanCreationException NoSuchBeanDefinitionException UnsatisfiedDependencyException
      BeanDefinitionStoreException BindValidationException ConfigurationPropertiesBindException MissingRequiredPropertiesException
      ApplicationContextException OptionsValidationException InvalidOptionException MissingConfigException MissingEnvVarError
      PortInUseException NoRegionError ProfileNotFound ParamValidationError UnknownBackend CreateContainerConfigError ErrImagePull
      ImagePullBackOff InvalidImageName RunContainerError NoSuchSettingError InvalidConfigError
    `),
    phrases: phrases(`
      redirection cycle | region is missing | missing region | secretorprivatekey | must be an asymmetric key
      environment variable | env var | environment key | missing configuration | missing config | invalid configuration
      configuration error | configuration file | configuration property | config file | misconfigured | misconfiguration
      improperly configured | not configured | is not configured | no configuration | bad configuration | unknown configuration
      unknown directive | unrecognized configuration parameter | unrecognized option | unrecognised option | unknown option
      invalid option | unknown argument | unknown variable | invalid directive | directive is not allowed
      missing required setting | missing setting | required setting | setting * is | setting * must | invalid setting
      unknown setting | secret_key setting | settings. | must be set | must be configured | is not set
      not set in the environment | no value for required | could not resolve placeholder | failed to bind properties
      no qualifying bean | error creating bean | application failed to start | failed to configure a datasource
      port already in use | address already in use | address in use | port is already allocated | already in use. * port
      bind failed | failed to bind to address | could not bind | bind: permission denied | listening port
      failed listening on port | bind() to | no such profile | missing credentials in config | could not load credentials
      unable to load credentials | unable to locate credentials | unable to load region | you must specify a region
      invalid log level | unknown log level | invalid port | invalid permissions | has group or world access
      lock file * already exists | is already running | another server might be running | another instance is already
      unsupported version of | unsupported database version | database files are incompatible | extension * must be loaded
      must be loaded via | no such command | unknown command | unknown subcommand | missing argument | feature flag
      unknown feature flag | not compiled in | built without | was not built with | is not enabled | not installed
      is not installed | is disabled in | imagepullbackoff | errimagepull | no manifest for | couldn't find key * in configmap
      couldn't find key | configmap | secret * not found | invalid spec | unknown storage engine | unsupported protocol scheme
      unknown auth plugin | authentication plugin | keystore | truststore | no locale | locale | time zone database
      unknown time zone | unknown encoding | unknown database | could not find a version | cannot load certificate | pem lib
      cannot load shared | fatal: role | no such host in configuration | too big header | misplaced | wrong setting | bad setting
      template not found | template * does not exist | templatedoesnotexist | uncaught config | no such runtime | unknown target
      unknown cipher | unresolved variable
    `),
    without: phrases("already in use by another user | license plate"),
    severity: "critical",
    examples: ["DATABASE_URL must be set"],
  },
  {
    id: "config-code",
    class: "configuration",
    strength: 0.93,
    codes: names(`
      errno:EADDRINUSE exit:127 exit:126 errno:ENOEXEC errno:EAFNOSUPPORT errno:EPROTONOSUPPORT sqlstate:3D000 sqlstate:42704
      sqlstate:F0000 mysql:1049 mysql:2059 mysql:1251 oracle:TNS-12514 oracle:ORA-12514 oracle:ORA-12505 curl:1 curl:2 curl:3
    `),
    examples: ["listen EADDRINUSE: address already in use :::8080"],
  },
  {
    id: "esm-syntax",
    class: "configuration",
    strength: 0.85,
    phrases: phrases(`
      cannot use import statement outside a module | unexpected token 'export' | require() of es module
      require is not defined in es module scope | exports is not defined in es module | does not provide an export named
      top level await is only available
    `),
    examples: [{ type: "SyntaxError", message: "Cannot use import statement outside a module" }],
  },
  {
    id: "setting-of-wrong-kind",
    class: "configuration",
    strength: 0.95,
    phrases: phrases(`
      application environment * {not loaded,not configured,not set} | {toml,yaml,yml,ini,conf,cfg,properties,env}: * expected {integer,a number,string,boolean,a string}
      directive invalid value | could not load * version= | expected a number of * found | invalid value in * directive | missing unit in duration | setting * {has type,is of type,must be a number}
    `),
    examples: ['meters.toml: poll_interval: expected integer, found string "soon"'],
  },
  {
    id: "program-cannot-start",
    class: "configuration",
    strength: 0.97,
    phrases: phrases(`
      {cannot run program,couldn't execute,could not execute,failed to execute,can't execute,unable to execute} * {no such file,not found,error=2}
      {execvp,execve,posix spawn,fork/exec,createprocess} * {no such file,enoent,not found} | {enoent,no such file} * {execvp,execve,posix spawn}
      cannot find specified file | native error= cannot find | exec format error
    `),
    without: phrases("permission denied"),
    advice: "Install the program on this host or image, or name its full path in the settings.",
    examples: ['Cannot run program "label-print": error=2, No such file or directory'],
  },
];
